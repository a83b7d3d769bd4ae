// Asks the server every two seconds while the page is visible, more seldom while it does not answer.
"use strict";
(() => {
  const EVERY = 2000;
  const LOST_AFTER = 3;

  // ask: rejects if there was no answer. tell: is told after each, whether the server seems lost.
  // over: nothing will change any more. every: milliseconds. ticker: the address of tick.js, for a
  // page that has to ask also while it lies behind others.
  window.keepAsking = (ask, tell, over = () => false, { every = EVERY, ticker = "" } = {}) => {
    let failures = 0;
    let timer = 0;
    let asking = false;
    const worker = ticker ? new Worker(ticker) : null;

    const later = (wait) => {
      if (worker) return worker.postMessage(wait);
      clearTimeout(timer);
      timer = setTimeout(look, wait);
      return undefined;
    };

    const look = async () => {
      clearTimeout(timer);
      if (asking || over() || (document.hidden && !worker)) return;
      asking = true;
      try {
        await ask();
        failures = 0;
      } catch {
        failures += 1;
      }
      asking = false;
      tell(failures >= LOST_AFTER);
      later(every * Math.min(failures + 1, 8));
    };

    document.addEventListener("visibilitychange", look);
    if (worker) worker.addEventListener("message", look);
    later(every);
  };
})();
