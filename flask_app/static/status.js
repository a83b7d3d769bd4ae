// Keeps the status page true without reloading it: asks for the changing parts every two seconds
// while the page is visible, replaces those that differ, and says the new headline once.
"use strict";
(() => {
  const EVERY = 2000;
  const LOST_AFTER = 3;
  const { fragment, version } = document.currentScript.dataset;
  let etag = `"${version}"`;
  let failures = 0;
  let timer = 0;
  let over = false;

  const part = (root, name) => root.querySelector(`[data-live="${name}"]`);

  // The cancel form is compared by its key: its token is new in every answer, and replacing it
  // would close it under the reader's hands.
  const same = (old, now) =>
    "key" in now.dataset ? old.dataset.key === now.dataset.key : old.innerHTML === now.innerHTML;

  const replace = (old, now) => {
    const hadFocus = old.contains(document.activeElement);
    old.replaceWith(document.adoptNode(now));
    if (hadFocus) document.querySelector("h1").focus();
  };

  const show = (text) => {
    const now = new DOMParser().parseFromString(text, "text/html").getElementById("live");
    const live = document.getElementById("live");
    for (const name of ["promise", "under", "why", "cancel", "story"]) {
      if (!same(part(live, name), part(now, name))) replace(part(live, name), part(now, name));
    }
    const { title, state, ended } = now.dataset;
    document.title = document.title.replace(live.dataset.title, title);
    // Read out what is new, not each minute by which the expected time moved.
    if (state !== live.dataset.state) document.getElementById("news").textContent = title;
    Object.assign(live.dataset, now.dataset);
    document.body.classList.toggle("ended", ended === "yes");
    over = now.dataset.over === "yes";
  };

  const ask = async () => {
    const answer = await fetch(fragment, { headers: { "If-None-Match": etag } });
    if (answer.status === 404) return location.reload();
    if (answer.status === 304) return undefined;
    if (!answer.ok) throw new Error(String(answer.status));
    etag = answer.headers.get("ETag");
    return show(await answer.text());
  };

  const look = async () => {
    clearTimeout(timer);
    if (document.hidden || over) return;
    try {
      await ask();
      failures = 0;
    } catch {
      failures += 1;
    }
    document.getElementById("stale").hidden = failures < LOST_AFTER;
    timer = setTimeout(look, EVERY * Math.min(failures + 1, 8));
  };

  document.addEventListener("visibilitychange", look);
  timer = setTimeout(look, EVERY);
})();
