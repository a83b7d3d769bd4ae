// Inside another website's dialog: tells the page around us how high we are, and that Escape was
// pressed. Only numbers are said, and only to a page that may embed us and has greeted us first.
// What embed.js says of that page's address goes into the form.
"use strict";
(() => {
  const GREETING = 0;
  const CLOSE = -1;
  const allowed = document.currentScript.dataset.origins.split(" ");
  let host = "";

  const say = (number) => {
    if (host) window.parent.postMessage(number, host);
  };
  const height = () => Math.ceil(document.body.getBoundingClientRect().height);

  window.addEventListener("message", ({ source, origin, data }) => {
    if (source !== window.parent || !allowed.includes(origin) || data !== GREETING) return;
    host = origin;
    say(height());
  });
  const page = document.querySelector('input[name="page"]');
  if (page && location.hash.startsWith("#http")) page.value = location.hash.slice(1);
  // Browsers ignore autofocus in the frame of another website.
  document.querySelector("[data-focus]")?.focus();
  new ResizeObserver(() => say(height())).observe(document.body);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.defaultPrevented) say(CLOSE);
  });
})();
