// Keeps the board true without reloading it: asks for the changing parts every two seconds while
// the page is visible, replaces those that differ, and says when it last heard of the server.
"use strict";
(() => {
  const { fragment, version } = document.currentScript.dataset;
  let etag = `"${version}"`;
  let clock = "";

  const parts = (root) =>
    new Map([...root.querySelectorAll("[data-live]")].map((one) => [one.dataset.live, one]));

  // A part in which somebody is at work stays as it is: it is renewed when they have left it.
  const busy = (part) =>
    part.querySelector("details[open], input:checked") !== null ||
    part.contains(document.activeElement);

  const show = (text) => {
    const now = new DOMParser().parseFromString(text, "text/html");
    const had = parts(document);
    let all = true;
    for (const [name, part] of parts(now)) {
      const old = had.get(name);
      if (!old || old.innerHTML === part.innerHTML) continue;
      if (busy(old)) all = false;
      else old.replaceWith(document.adoptNode(part));
    }
    clock = now.getElementById("live").dataset.clock;
    return all;
  };

  const say = (text, light) => {
    const said = document.getElementById("updated");
    if (said.textContent !== text) said.textContent = text;
    document.getElementById("light").className = `light ${light}`;
  };

  const ask = async () => {
    const answer = await fetch(fragment, { headers: { "If-None-Match": etag } });
    // Signed out, or the role was taken: the page itself says so.
    if (answer.status === 401 || answer.status === 403 || answer.status === 404) {
      return location.reload();
    }
    if (answer.status === 304) return undefined;
    if (!answer.ok) throw new Error(String(answer.status));
    const next = answer.headers.get("ETag");
    if (show(await answer.text())) etag = next;
    return undefined;
  };

  window.keepAsking(ask, (lost) => {
    const since = clock || document.getElementById("live").dataset.clock;
    if (lost) say(`No connection, as of ${since}`, "light-off");
    else say(`Live, ${since}`, "");
  });
})();
