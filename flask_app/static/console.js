// Keeps the console true without reloading it: asks every second, also while the page lies behind
// others, rings for an offer, and never takes away what somebody has typed.
"use strict";
(() => {
  const { here, fragment, awake, leave, ticker, page, token, version } = document.currentScript.dataset;
  const AGAIN = 3000; // from one ring of an offer to the next
  let etag = `"${version}"`;
  let loaded = performance.now(); // when the seconds on the page were right
  let used = false; // somebody has typed or clicked since the last question
  let staying = false; // the page goes away because the console itself asks for the next one
  let rang = 0;
  let out = false;

  const live = document.getElementById("live");
  const parts = (root) =>
    new Map([...root.querySelectorAll("[data-live]")].map((one) => [one.dataset.live, one]));
  const TEXT = 'input:not([type="radio"], [type="checkbox"]), textarea, select';
  const typing = () => document.activeElement?.matches(TEXT) ?? false;

  // ------------------------------------------------------------- parts, and what is typed in them

  const put = (old, now) => {
    const focused = old.contains(document.activeElement) ? document.activeElement : null;
    old.replaceWith(document.adoptNode(now));
    if (!focused) return;
    const twin = focused.id ? document.getElementById(focused.id) : null;
    (twin || document.querySelector("#live h1[tabindex]"))?.focus();
  };

  // A wrap-up whose time is over while somebody still writes it: it stays, and can be saved.
  const keepForLater = (old) => {
    const place = parts(live).get("late");
    const card = old.firstElementChild;
    const focused = card.contains(document.activeElement) ? document.activeElement : null;
    card.querySelector("h2").textContent = "Wrap-up that is not saved yet";
    card.querySelector("[data-hint]").textContent = "The time for it is over, and it can still be saved.";
    place.append(card);
    place.dataset.typed = "";
    focused?.focus();
  };

  const renew = (name, old, now) => {
    if ("once" in old.dataset) return;
    if (name === "late") return;
    const same = old.dataset.key !== undefined && old.dataset.key === now.dataset.key;
    if (same && (old.innerHTML === now.innerHTML || "typed" in old.dataset)) return;
    if (same && old.dataset.key && (old.contains(document.activeElement) || old.querySelector("details[open]"))) return;
    if (!same && name === "wrap" && "typed" in old.dataset && old.firstElementChild) keepForLater(old);
    if (old.innerHTML !== now.innerHTML || !same) put(old, now);
  };

  // The agent's phone in the bar; its open menu stays as it is.
  const phone = (page) => {
    const [old, now] = [document, page].map((one) => one.querySelector('[data-live="presence"]'));
    if (!old || !now || old.innerHTML === now.innerHTML) return;
    if (!old.querySelector("details[open]")) put(old, now);
  };

  const show = (text) => {
    const page = new DOMParser().parseFromString(text, "text/html");
    const now = page.getElementById("live");
    phone(page);
    const before = { ...live.dataset };
    const had = parts(live);
    for (const [name, part] of parts(now)) renew(name, had.get(name), part);
    for (const name of Object.keys(live.dataset)) delete live.dataset[name];
    Object.assign(live.dataset, now.dataset);
    loaded = performance.now();
    document.title = now.dataset.title;
    if (before.stage === live.dataset.stage && before.offer === live.dataset.offer) return;
    parts(live).get("refused").replaceChildren();
    arrived();
  };

  // --------------------------------------------------------------------------- what is announced

  const arrived = () => {
    const { stage, announce } = live.dataset;
    const take = document.querySelector('[data-press="Enter"]');
    const takesFocus = stage === "offered" && take && !typing();
    if (takesFocus) take.focus({ preventScroll: false });
    document.getElementById("heard").textContent = takesFocus ? "" : announce;
    rang = 0;
    count();
  };

  const span = (seconds) => {
    const two = (n) => String(n).padStart(2, "0");
    const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
    return hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
  };

  const count = () => {
    const gone = Math.floor((performance.now() - loaded) / 1000);
    for (const one of document.querySelectorAll("[data-since]")) {
      one.textContent = span(Number(one.dataset.since) + gone);
    }
    for (const one of document.querySelectorAll("[data-left]")) {
      const left = Math.max(0, Number(one.dataset.left) - gone);
      one.querySelector(".seconds").textContent = left;
      const arc = one.querySelector(".left");
      if (!arc) continue;
      one.setAttribute("aria-label", `${left} seconds left`);
      const share = (Number(one.dataset.share) * left) / Math.max(1, Number(one.dataset.left));
      arc.setAttribute("stroke-dasharray", `${share} 100`);
    }
    if (live.dataset.stage === "offered" && performance.now() - rang >= AGAIN) {
      rang = performance.now();
      window.ringer.ring();
      sound();
    }
  };

  // ------------------------------------------------------------------------------- the connection

  const say = (text) => {
    const place = document.getElementById("lost");
    if (place.textContent === text) return;
    place.textContent = text;
    place.hidden = !text;
    document.getElementById("light").className = `light${text ? " light-off" : ""}`;
    document.getElementById("link-state").textContent = text ? "No connection" : "Live";
  };

  const ask = async () => {
    count();
    const address = used || live.dataset.call === "yes" ? awake : fragment;
    used = false;
    const answer = await fetch(address, { headers: { "If-None-Match": etag } });
    if ([401, 403, 404].includes(answer.status)) return signedOut();
    out = false;
    if (answer.status === 304) return undefined;
    if (!answer.ok) throw new Error(String(answer.status));
    etag = answer.headers.get("ETag");
    return show(await answer.text());
  };

  // The page itself leads to the form; what is typed stays here until that was done elsewhere.
  const signedOut = () => {
    out = true;
    if (live.querySelector("[data-typed]")) return undefined;
    staying = true;
    return location.assign(here);
  };

  const tell = (lost) => {
    if (out) return say("You are signed out. Sign in again in another tab, then go on here: what you typed stays.");
    return say(lost ? "No connection to the server. Offers don’t reach you until it is back. What you typed stays." : "");
  };

  // ------------------------------------------------------------------------------ sound and keys

  const KEYS = "console-keys";
  const keysOn = () => localStorage.getItem(KEYS) !== "off";

  const turned = (name, on, words) => {
    const one = document.getElementById(name);
    one.setAttribute("aria-checked", String(on));
    const said = document.getElementById(`${name}-state`);
    if (said.textContent !== words) said.textContent = words;
  };

  const sound = () => {
    const state = window.ringer.state();
    turned("sound", state === "on", { on: "on", off: "off", silent: "Your browser is silent until you press here" }[state]);
  };

  const press = (key) => {
    const button = [...document.querySelectorAll(`[data-press="${key}"]`)].at(-1);
    if (!button) return false;
    if (key >= "1" && key <= "9") button.focus();
    button.click();
    return true;
  };

  document.addEventListener("keydown", (event) => {
    used = true;
    const { key, target } = event;
    if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
    if (!keysOn() || typing()) return;
    if (key === "Enter" && target.closest("a, button, summary")) return;
    if (key === "Escape" && document.querySelector(".menu[open]")) return;
    if (key === "Enter" || key === "Escape" || (key >= "1" && key <= "9")) {
      if (press(key)) event.preventDefault();
    }
  });
  document.addEventListener("pointerdown", () => {
    used = true;
  });
  live.addEventListener("input", ({ target }) => {
    const part = target.closest("[data-live]");
    if (part) part.dataset.typed = "";
  });
  document.getElementById("sound").addEventListener("click", () => {
    window.ringer.turn(document.getElementById("sound").getAttribute("aria-checked") !== "true");
    sound();
  });
  document.getElementById("keys").addEventListener("click", () => {
    localStorage.setItem(KEYS, keysOn() ? "off" : "on");
    turned("keys", keysOn(), keysOn() ? "on" : "off");
  });

  // -------------------------------------------------------------------------- coming and leaving

  document.addEventListener("submit", ({ target }) => {
    staying = target.action.startsWith(new URL(here, location).href);
  });
  window.addEventListener("pagehide", () => {
    if (staying) return;
    const form = new FormData();
    form.append("csrf_token", token);
    form.append("page", page);
    navigator.sendBeacon(leave, form);
  });
  window.addEventListener("pageshow", ({ persisted }) => {
    if (persisted) location.assign(here);
  });

  turned("keys", keysOn(), keysOn() ? "on" : "off");
  sound();
  if (live.dataset.stage === "offered") arrived();
  window.keepAsking(ask, tell, () => false, { every: 1000, ticker });
})();
