// Keeps the console true without reloading it: asks every second, also while the page lies behind
// others, rings for an offer, and never takes away what somebody has typed.
"use strict";
(() => {
  const { here, fragment, awake, leave, login, ticker, version, who } = document.currentScript.dataset;
  const AGAIN = 3000; // from one ring of an offer to the next
  const STILL = 20000; // ms: as long as a press, and then the page that follows it, may take
  const ACTED = "console-acted"; // the last page was left by one of its own buttons
  const drafts = window.drafts(who);
  let { page } = document.currentScript.dataset;
  let etag = `"${version}"`;
  let loaded = performance.now(); // when the seconds on the page were right
  let used = false; // somebody has typed or clicked since the last question
  let rang = 0;
  let out = false;
  let still = 0; // until then (performance.now()) the page stays as it is: something was pressed
  let settled = 0; // when the last press was refused: what was asked before is older than its page
  let heardOf = ""; // the offer that rang while the page stayed as it was

  const live = document.getElementById("live");
  const parts = (root) =>
    new Map([...root.querySelectorAll("[data-live]")].map((one) => [one.dataset.live, one]));
  const TEXT = 'input:not([type="radio"], [type="checkbox"]), textarea, select';
  const typing = () => document.activeElement?.matches(TEXT) ?? false;

  // ------------------------------------------------------------- parts, and what is typed in them

  // The same control in what came in its place: by its id, else by what it says and does.
  const twin = (focused, now) => {
    if (focused.id) return document.getElementById(focused.id);
    const of = (one) => [one.tagName, one.textContent, one.name, one.value, one.form?.action].join("\n");
    return [...now.querySelectorAll("a, button, input, summary")].find((one) => of(one) === of(focused));
  };

  const put = (old, now) => {
    const focused = old.contains(document.activeElement) ? document.activeElement : null;
    old.replaceWith(document.adoptNode(now));
    if (focused) (twin(focused, now) || next())?.focus({ preventScroll: true });
  };

  // A wrap-up whose time is over while somebody still writes it: it stays, and can be saved.
  const keepForLater = (old) => {
    const place = parts(live).get("late");
    const card = old.firstElementChild;
    const focused = card.contains(document.activeElement) ? document.activeElement : null;
    card.querySelector("h2").textContent = "Wrap-up that is not saved yet";
    card.querySelector("[data-hint]").textContent = "The time for it is over, and it can still be saved.";
    place.replaceChildren(card);
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

  // Only a page that is loaded puts the focus somewhere by itself.
  const parse = (text) => {
    const read = new DOMParser().parseFromString(text, "text/html");
    for (const one of read.querySelectorAll("[autofocus]")) one.removeAttribute("autofocus");
    return read;
  };

  const show = (text) => {
    const page = parse(text);
    const now = page.getElementById("live");
    phone(page);
    const before = { ...live.dataset };
    const had = parts(live);
    for (const [name, part] of parts(now)) renew(name, had.get(name), part);
    for (const name of Object.keys(live.dataset)) delete live.dataset[name];
    Object.assign(live.dataset, now.dataset);
    loaded = performance.now();
    document.title = now.dataset.title;
    sign();
    if (before.stage === live.dataset.stage && before.offer === live.dataset.offer) return;
    parts(live).get("refused").replaceChildren();
    arrived();
  };

  // Forms that stay while the session changes: they are sent in the name of the one that is now.
  const sign = () => {
    for (const one of live.querySelectorAll('[name="csrf_token"]')) one.value = live.dataset.token;
  };

  // ------------------------------------------------------------------- sending, and what is refused

  const complain = (...said) => {
    const notice = document.getElementById("complaint").content.cloneNode(true);
    notice.querySelector("p").append(...said);
    const place = parts(live).get("refused");
    place.replaceChildren(notice);
    place.scrollIntoView({ block: "nearest" });
  };

  const elsewhere = (words) => {
    const link = Object.assign(document.createElement("a"), { href: login, target: "_blank", rel: "noopener" });
    link.textContent = words;
    return link;
  };

  // Of a part in which something else was typed than what was sent: it stays.
  const apart = (name, old, fresh, form) =>
    "typed" in old.dataset && !old.contains(form) &&
    (name === "late" ? !fresh.firstElementChild : old.dataset.key && old.dataset.key === fresh.dataset.key);

  // The page that says what is wrong with a form.
  const refused = (text, form) => {
    const whole = parse(text);
    const now = whole.getElementById("live");
    if (!now) return false;
    const had = parts(live);
    for (const [name, fresh] of parts(now)) {
      if (apart(name, had.get(name), fresh, form)) fresh.replaceWith(had.get(name));
    }
    phone(whole);
    live.replaceChildren(...now.childNodes);
    for (const name of Object.keys(live.dataset)) delete live.dataset[name];
    Object.assign(live.dataset, now.dataset);
    ({ page } = whole.querySelector("script[data-page]").dataset);
    loaded = performance.now();
    etag = "";
    document.title = now.dataset.title;
    sign();
    next()?.focus();
    count();
    return true;
  };

  const over = () => {
    still = 0;
    settled = performance.now();
  };

  // Until it is answered, and then until the next page is there, nothing here is renewed: what was
  // typed into what comes would be lost with this page.
  const send = (form, button) => {
    if ("sending" in form.dataset) return undefined;
    still = performance.now() + STILL;
    return window.sendForm(form, button, {
      done() {
        still = performance.now() + STILL;
        drafts.drop(form);
        sessionStorage.setItem(ACTED, "yes");
        location.assign(here);
      },
      out() {
        over();
        out = true;
        etag = "";
        complain("You are signed out, so nothing was done. ", elsewhere("Sign in in another tab"), ", then press once more here: what you typed stays.");
      },
      page(text) {
        over();
        return refused(text, form);
      },
      fail(...said) {
        over();
        complain(...said);
      },
    });
  };

  // ------------------------------------------------------------------------- where the focus goes

  // What comes next at this stage: the offer, the number, how the call ended, the note.
  const next = () => {
    const { stage } = live.dataset;
    const wrong = live.querySelector('[aria-invalid="true"]');
    if (wrong) return wrong;
    const note = (part) => parts(live).get(part).querySelector("textarea");
    const code = (which) => parts(live).get("wrap").querySelector(`[name="code"]${which}`);
    const steps = {
      offered: () => live.querySelector('[data-press="Enter"]'),
      checking: () => document.getElementById("phone"),
      talking: () => (code(":checked") ? note("wrap") : code("")),
      wrap_up: () => (code(":checked") ? note("wrap") : code("")),
      cancelled: () => live.querySelector('form[action*="/drop"] button'),
      idle: () => note("late"),
    };
    return steps[stage]?.() || live.querySelector("h1[tabindex]");
  };

  // Never out of what somebody is at: a field, a wrap-up that goes on, an open menu.
  const free = () => {
    const at = document.activeElement;
    return !typing() && !document.querySelector(".menu[open]") && !at?.closest('[data-live="wrap"], [data-live="late"]');
  };

  // --------------------------------------------------------------------------- what is announced

  const arrived = () => {
    const { stage, announce } = live.dataset;
    const takesFocus = stage === "offered" && !typing();
    if (takesFocus || free()) next()?.focus();
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

  // An offer that comes while the page stays as it is: it is heard now, and seen with the next page.
  const beside = (text) => {
    const { stage, offer, announce } = parse(text).getElementById("live").dataset;
    if (stage !== "offered" || offer === heardOf || offer === live.dataset.offer) return undefined;
    heardOf = offer;
    window.ringer.ring();
    document.getElementById("heard").textContent = announce;
    return undefined;
  };

  const ask = async () => {
    count();
    const address = used || live.dataset.call === "yes" ? awake : fragment;
    used = false;
    const asked = performance.now();
    const answer = await fetch(address, { headers: { "If-None-Match": etag } });
    soon(answer.headers.get("Session-Ends"));
    if ([401, 403, 404].includes(answer.status)) return signedOut();
    out = false;
    if (answer.status === 304) return undefined;
    if (!answer.ok) throw new Error(String(answer.status));
    const text = await answer.text();
    if (asked <= settled) return undefined;
    if (performance.now() < still) return beside(text);
    etag = answer.headers.get("ETag");
    return show(text);
  };

  // "118 idle", or nothing while that is far: said in time, aloud, and in the tab's title.
  const soon = (said) => {
    const notice = document.getElementById("ending");
    if (!said) {
      if (!notice.hidden) document.title = live.dataset.title;
      notice.hidden = true;
      return;
    }
    const [left, why] = said.split(" ");
    if (live.dataset.stage !== "offered") document.title = `Signed out in ${span(Number(left))} · Console`;
    if (!notice.hidden) return;
    const at = new Date(Date.now() + 1000 * left).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
    const none = "Then no callback is offered to you any more.";
    document.getElementById("ending-why").replaceChildren(
      ...(why === "idle"
        ? [`Nobody has used this console for a while: at ${at} you are signed out. ${none}`]
        : [`A session has an end, and this one's is at ${at}. ${none} `, elsewhere("Sign in anew in another tab"), ", and go on here."]),
    );
    document.getElementById("stay").hidden = why !== "idle";
    notice.hidden = false;
    notice.dataset.why = why;
    window.ringer.ring();
  };

  // The form to sign in says why; what is typed stays here until that was done elsewhere.
  const signedOut = () => {
    const at = out ? 0 : 700; // ms: the ring is heard first
    if (!out) window.ringer.ring();
    out = true;
    etag = "";
    if (live.querySelector("[data-typed]")) return undefined;
    const { why = "" } = document.getElementById("ending").dataset;
    return setTimeout(() => location.assign(`${login}&ended=${why}`), at);
  };

  const tell = (lost) => {
    if (out) return say("You are signed out, and nothing is offered to you. Sign in again in another tab, then go on here: what you typed stays.");
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
    const place = document.activeElement?.closest("form[data-draft]") || document;
    const button = [...place.querySelectorAll(`[data-press="${key}"]`)].at(-1);
    if (!button) return false;
    if (key >= "1" && key <= "9") button.focus();
    button.click();
    if (key >= "1" && key <= "9") button.form.querySelector("textarea").focus();
    return true;
  };

  // Out of the note and its neighbours, for another code.
  const toCodes = (field) => {
    const form = field.closest("form[data-draft]");
    (form?.querySelector('[name="code"]:checked') || form?.querySelector('[name="code"]'))?.focus();
    return Boolean(form);
  };

  // From anywhere: the wrap-up in which somebody is, else the call's in hand.
  const save = (at) => {
    const form = at.closest("form[data-draft]") || live.querySelector('[data-live="wrap"] form') || live.querySelector('[data-live="late"] form');
    form?.requestSubmit(form.querySelector("button:not([type])"));
    return Boolean(form);
  };

  document.addEventListener("keydown", (event) => {
    used = true;
    const { key, target } = event;
    // A key that is held counts once: the one that took a call must not make it, too.
    if (event.repeat && key === "Enter" && !target.matches("textarea")) event.preventDefault();
    if (event.defaultPrevented || event.altKey || event.repeat || !keysOn()) return;
    if (event.ctrlKey || event.metaKey) {
      if (key === "Enter" && save(target)) event.preventDefault();
      return;
    }
    if (key === "Escape" && typing() && toCodes(target)) return event.preventDefault();
    if (typing()) return;
    // There it would save: what comes after the code is the note.
    if (key === "Enter" && target.matches('[name="code"]')) {
      target.form.querySelector("textarea").focus();
      return event.preventDefault();
    }
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
    used = true;
    const part = target.closest("[data-live]");
    if (part) part.dataset.typed = "";
    if (target.form?.dataset.draft) drafts.keep(target.form);
  });
  live.addEventListener("click", ({ target }) => {
    if (!target.closest("[data-let-go]")) return;
    drafts.drop(target.form);
    delete parts(live).get("late").dataset.typed;
    parts(live).get("late").replaceChildren();
    next()?.focus();
  });
  document.getElementById("stay").addEventListener("click", () => {
    document.getElementById("ending").hidden = true;
    document.title = live.dataset.title;
    next()?.focus();
  });
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) used = true;
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

  document.addEventListener("submit", (event) => {
    if (!live.contains(event.target)) return;
    event.preventDefault();
    send(event.target, event.submitter);
  });
  // Whoever goes to the console's next page says so, too: the server knows that it is not the last.
  window.addEventListener("pagehide", () => {
    const form = new FormData();
    form.append("csrf_token", live.dataset.token);
    form.append("page", page);
    navigator.sendBeacon(leave, form);
  });
  window.addEventListener("pageshow", ({ persisted }) => {
    if (persisted) location.assign(here);
  });

  turned("keys", keysOn(), keysOn() ? "on" : "off");
  sound();
  for (const form of live.querySelectorAll("form[data-draft]")) drafts.fill(form);
  const homeless = drafts.homeless();
  if (location.search) history.replaceState(null, "", here);
  else if (homeless) location.replace(`${here}?late=${homeless}`);
  const acted = sessionStorage.getItem(ACTED);
  sessionStorage.removeItem(ACTED);
  if (live.dataset.stage === "offered") arrived();
  else if (!live.querySelector("[autofocus]") && (acted || live.dataset.stage !== "idle")) next()?.focus();
  window.keepAsking(ask, tell, () => false, { every: 1000, ticker });
})();
