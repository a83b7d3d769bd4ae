// Asks the server every two seconds while the page is visible, more seldom while it does not answer.
"use strict";
(() => {
  const EVERY = 2000;
  const LOST_AFTER = 3;

  // ask: rejects if there was no answer. tell: is told after each, whether the server seems lost.
  // over: nothing will change any more.
  window.keepAsking = (ask, tell, over = () => false) => {
    let failures = 0;
    let timer = 0;

    const look = async () => {
      clearTimeout(timer);
      if (document.hidden || over()) return;
      try {
        await ask();
        failures = 0;
      } catch {
        failures += 1;
      }
      tell(failures >= LOST_AFTER);
      timer = setTimeout(look, EVERY * Math.min(failures + 1, 8));
    };

    document.addEventListener("visibilitychange", look);
    timer = setTimeout(look, EVERY);
  };
})();
