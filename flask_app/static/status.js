// Keeps the status page true without reloading it: asks for the changing parts every two seconds
// while the page is visible, replaces those that differ, and says the new headline once.
"use strict";
(() => {
  const { fragment, version } = document.currentScript.dataset;
  let etag = `"${version}"`;
  let over = false;

  const part = (root, name) => root.querySelector(`[data-live="${name}"]`);

  const focused = (element) => element.contains(document.activeElement);

  const replace = (old, now) => {
    // The status inside another website has fewer parts.
    if (!old || old.innerHTML === now.innerHTML) return;
    const hadFocus = focused(old);
    old.replaceWith(document.adoptNode(now));
    if (hadFocus) document.querySelector("h1").focus();
  };

  const listed = (root) =>
    new Map([...root.querySelectorAll("[data-action]")].map((one) => [one.dataset.action, one]));

  // An action that is open, or has the focus, stays as its reader left it, with what is typed in it:
  // whatever it sends is judged anyway. The others are renewed, for their times and tokens.
  const mergeActions = (old, now) => {
    const [had, has] = [listed(old), listed(now)];
    if (!had.size || !has.size) return replace(old, now);
    for (const [name, one] of had) {
      if (has.has(name)) continue;
      if (focused(one)) document.querySelector("h1").focus();
      one.remove();
    }
    let before = null;
    for (const [name, one] of has) {
      let here = had.get(name);
      if (!here) {
        here = document.adoptNode(one);
        if (before) before.after(here);
        else old.querySelector("ul").prepend(here);
      } else if (!("kept" in one.dataset || here.querySelector("details[open]") || focused(here))) {
        const fresh = document.adoptNode(one);
        here.replaceWith(fresh);
        here = fresh;
      }
      before = here;
    }
    return undefined;
  };

  const show = (text) => {
    const now = new DOMParser().parseFromString(text, "text/html").getElementById("live");
    const live = document.getElementById("live");
    for (const name of ["promise", "under", "why", "story", "keep"]) {
      replace(part(live, name), part(now, name));
    }
    const actions = part(live, "actions");
    if (actions) mergeActions(actions, part(now, "actions"));
    const { title, state, ended } = now.dataset;
    document.title = document.title.replace(live.dataset.title, title);
    // Read out what is new, not each minute by which the expected time moved.
    if (state !== live.dataset.state) document.getElementById("news").textContent = title;
    Object.assign(live.dataset, now.dataset);
    document.body.classList.toggle("ended", ended === "yes");
    over = now.dataset.over === "yes";
  };

  const ask = async () => {
    // Times to move to are many: they are asked for only while the page has none.
    const has = document.querySelector("#live [data-action='move']");
    const answer = await fetch(has ? `${fragment}?times` : fragment, { headers: { "If-None-Match": etag } });
    if (answer.status === 404) return location.reload();
    if (answer.status === 304) return undefined;
    if (!answer.ok) throw new Error(String(answer.status));
    etag = answer.headers.get("ETag");
    return show(await answer.text());
  };

  const tell = (lost) => {
    document.getElementById("stale").hidden = !lost;
  };

  window.keepAsking(ask, tell, () => over);
})();
