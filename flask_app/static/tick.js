// A clock in a worker: browsers slow down the timers of a page that lies behind others, but not these.
"use strict";
let timer = 0;
self.onmessage = ({ data }) => {
  clearTimeout(timer);
  timer = setTimeout(() => self.postMessage(data), data);
};
