// A button on other websites that opens our form in a dialog. Everything stands in a shadow root
// and is styled by constructed sheets, so the page's own policy needs no more than our origin in
// script-src and frame-src. Nothing is stored, and nothing is fetched before the button is pressed.
"use strict";
(() => {
  const script = document.currentScript;
  const say = (text) => console.warn(`asterisk-callback: ${text}`);
  if (!script) return say("no button: a module, or a script that is not loaded by its address, can’t know where it stands.");
  // An old browser: the plain link that stands there is the way.
  if (!("adoptedStyleSheets" in Document.prototype) || !window.HTMLDialogElement) return;

  const WORDS = {{ words | tojson }};
  const GREETING = 0;
  // So long we wait for the frame's first word, after it has loaded and in all, and for the target.
  const PATIENCE = { loaded: 1500, asked: 8000, target: 10000 };
  const { origin: ours, searchParams } = new URL(script.src);
  // Tag managers strip attributes that they don't know: then all stands in the script's address.
  const said = { ...Object.fromEntries(searchParams), ...script.dataset };
  const { site, queue, label, target } = said;
  if (!site) return say("no button: the script has neither data-site nor ?site= in its address.");
  const known = (code = "") => WORDS[code.toLowerCase().split("-")[0]] && code.toLowerCase().split("-")[0];
  const language = known(said.lang) || known(document.documentElement.lang);
  const words = WORDS[language || {{ first | tojson }}];

  const STYLE = `
    .all { all: initial; display: inline-block; max-inline-size: 100%; }
    .all, .all * { box-sizing: border-box; }
    button, a, p { font: inherit; }
    .button, dialog {
      --accent: var(--callback-accent, #0b6163); --on: var(--callback-on-accent, #fff);
      font: 600 1.0625em/1.25 var(--callback-font, system-ui, -apple-system, "Segoe UI", Roboto, sans-serif);
    }
    .button {
      display: inline-flex; flex-wrap: wrap; align-items: center; justify-content: center; gap: .2em .7em;
      max-inline-size: 100%; min-block-size: 3.05em; margin: 0; padding: .65em 1.3em; border: 1px solid transparent;
      border-radius: var(--callback-radius, 10px); background: var(--accent); color: var(--on); cursor: pointer;
    }
    .button:hover { background: color-mix(in srgb, var(--accent) 88%, #000); }
    svg { flex: none; inline-size: 1.375em; block-size: 1.375em; fill: none; stroke: currentColor; stroke-width: 1.75; stroke-linecap: round; stroke-linejoin: round; }
    .button:focus-visible, .close:focus-visible, a:focus-visible { outline: 3px solid #10201f; outline-offset: 3px; box-shadow: 0 0 0 3px #fff; }
    dialog {
      position: fixed; inset: 0; margin: auto; inline-size: 27em; max-inline-size: calc(100vw - 2em);
      block-size: fit-content; max-block-size: calc(100dvh - 2em); padding: 0; border: 0; border-radius: 20px;
      overflow: hidden; background: #fff; color: #10201f; box-shadow: 0 24px 64px -16px rgb(10 20 20 / .5);
    }
    dialog[open] { display: flex; flex-direction: column; }
    dialog::backdrop { background: rgb(10 20 20 / .5); }
    iframe { flex: 0 1 auto; display: block; inline-size: 100%; min-block-size: 0; border: 0; color-scheme: light dark; }
    .close {
      position: absolute; inset-block-start: .65em; inset-inline-end: .65em; z-index: 1; display: grid; place-content: center;
      inline-size: 2.6em; block-size: 2.6em; padding: 0; border: 1px solid transparent; border-radius: 50%;
      background: rgb(10 30 30 / .6); color: #fff; cursor: pointer;
    }
    .close:hover { background: #10201f; }
    .close:focus-visible { outline-color: #fff; outline-offset: -4px; box-shadow: none; }
    .other { margin: 0; padding: 1.5em 4.5em 1.5em 1.5em; font-weight: 400; line-height: 1.5; }
    .other[dir="rtl"] { padding: 1.5em 1.5em 1.5em 4.5em; }
    .other a { color: #0b6163; }
    [hidden] { display: none !important; }
    @media (max-width: 480px) { dialog { inset: auto 0 0; margin: 0; inline-size: 100%; max-inline-size: none; max-block-size: calc(100dvh - 1.5em); border-end-start-radius: 0; border-end-end-radius: 0; } }
    @media (forced-colors: active) { .button, .close, dialog { border-color: currentColor; } }
  `;
  const PHONE = "M7.2 3.6H5.7A2.1 2.1 0 0 0 3.6 5.9 16.4 16.4 0 0 0 18.1 20.4a2.1 2.1 0 0 0 2.3-2.1v-2.2a1 1 0 0 0-.7-1l-3.5-1.2a1 1 0 0 0-1.1.3l-1.3 1.7a12.6 12.6 0 0 1-5.7-5.7l1.7-1.3a1 1 0 0 0 .3-1.1L8.9 4.3a1 1 0 0 0-1-.7z";
  const CROSS = "m6.2 6.2 11.6 11.6M17.8 6.2 6.2 17.8";

  const sheet = (rules) => {
    const made = new CSSStyleSheet();
    made.replaceSync(rules);
    return made;
  };

  const make = (name, attributes, ...inside) => {
    const made = document.createElement(name);
    for (const [key, text] of Object.entries(attributes)) made.setAttribute(key, text);
    made.append(...inside);
    return made;
  };

  const icon = (path) => {
    const [svg, line] = ["svg", "path"].map((name) => document.createElementNS("http://www.w3.org/2000/svg", name));
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("aria-hidden", "true");
    line.setAttribute("d", path);
    svg.append(line);
    return svg;
  };

  const isOurs = (node) => node instanceof HTMLAnchorElement && new URL(node.href, location).origin === ours;

  // The link that the button takes the place of stands just before the script. Editors put a line
  // break between the two, or a paragraph around the link.
  const linkBefore = () => {
    let node = script.previousElementSibling;
    while (node instanceof HTMLBRElement) node = node.previousElementSibling;
    const only = node?.childElementCount === 1 && node.textContent.trim() === node.firstElementChild.textContent.trim();
    return [node, only && node.firstElementChild].find(isOurs);
  };
  const linkAnywhere = () => {
    const links = [...document.links].filter((link) => isOurs(link) && /^\/(q\/|$)/.test(link.pathname));
    return queue ? links.find((link) => link.pathname === `/q/${queue}`) || links.find((link) => link.pathname === "/") : links[0];
  };
  const isThere = () => [...document.querySelectorAll("[data-callback]")].some(({ dataset }) => dataset.callback === site && dataset.queue === (queue || ""));

  const formAddress = () => {
    const address = new URL(`/embed/${encodeURIComponent(site)}`, ours);
    if (queue) address.searchParams.set("queue", queue);
    if (language) address.searchParams.set("lang", language);
    // Which page this is, without its query. A fragment is sent to no server and stands in no log:
    // we get it with the form, if that is sent.
    address.hash = location.origin + location.pathname;
    return address.href;
  };

  const build = (link) => {
    const text = label || link?.textContent.trim() || words.call;
    const alone = link?.href || `${ours}/${queue ? `q/${encodeURIComponent(queue)}` : ""}`;
    const direction = { lang: words.lang, dir: words.dir };
    const button = make("button", { class: "button", part: "button", type: "button", "aria-haspopup": "dialog" }, icon(PHONE), text);
    const close = make("button", { class: "close", type: "button", "aria-label": words.close }, icon(CROSS));
    const frame = make("iframe", { title: words.form, referrerpolicy: "no-referrer" });
    const other = make("p", { class: "other", dir: words.dir, hidden: "" }, `${words.blocked} `,
      make("a", { href: alone, target: "_blank", rel: "noopener" }, words.alone));
    const dialog = make("dialog", { part: "dialog", "aria-label": words.form, ...direction }, close, frame, other);
    const size = sheet("iframe { block-size: 40em; }");
    let waiting = 0;

    const answered = (yes) => {
      clearTimeout(waiting);
      frame.hidden = !yes;
      other.hidden = yes;
    };
    const waitFor = (span) => {
      clearTimeout(waiting);
      waiting = setTimeout(() => answered(false), span);
    };

    button.addEventListener("click", () => {
      // What is typed stays while the dialog is closed, so the form is loaded once only.
      if (!frame.src) {
        frame.src = formAddress();
        waitFor(PATIENCE.asked);
      }
      dialog.showModal();
    });
    close.addEventListener("click", () => dialog.close());
    dialog.addEventListener("click", ({ target: hit }) => hit === dialog && dialog.close());
    // The browser gives the focus back by itself, but for one that gives a pressed button none; who
    // has moved on since then is not called back.
    dialog.addEventListener("close", () => document.activeElement === document.body && button.focus());

    // The frame can't know that this page may embed it, so it speaks only when spoken to. If it says
    // nothing, it was blocked or is away.
    frame.addEventListener("load", () => {
      if (!frame.src) return; // the empty frame that is there before the button is pressed
      waitFor(PATIENCE.loaded);
      frame.contentWindow.postMessage(GREETING, ours);
    });
    window.addEventListener("message", ({ origin, source, data }) => {
      if (origin !== ours || source !== frame.contentWindow || !Number.isFinite(data)) return;
      answered(true);
      if (data < 0) dialog.close();
      if (data > 0) size.replaceSync(`iframe { block-size: ${Math.min(Math.ceil(data), 9999)}px; }`);
    });

    const host = make("span", { "data-callback": site, "data-queue": queue || "" });
    const root = host.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [sheet(STYLE), size];
    root.append(make("span", { class: "all" }, button, dialog));
    return host;
  };

  const put = (link, otherwise) => {
    const host = build(link);
    if (link) link.replaceWith(host);
    else otherwise(host);
    return host;
  };

  const atTarget = (place) => {
    if (isOurs(place)) put(place);
    else if (!place.querySelector("[data-callback]")) put(null, (host) => place.append(host));
  };

  // The target may come later than we do.
  const whenThere = (found) => {
    const look = () => {
      const place = document.querySelector(target);
      if (place) watch.disconnect();
      if (place) found(place);
      return place;
    };
    const watch = new MutationObserver(look);
    if (look()) return;
    watch.observe(document, { childList: true, subtree: true });
    setTimeout(() => look() || say(`no button yet: nothing on this page is ${target}.`), PATIENCE.target);
  };

  // Where the script stands; one that a tag manager put somewhere looks for the link first.
  const atScript = () => {
    const managed = !script.dataset.site;
    if (managed && isThere()) return;
    const link = linkBefore() || (managed ? linkAnywhere() : undefined);
    const host = put(link, (made) => script.after(made));
    if (host.getClientRects().length) return;
    const other = link ? null : linkAnywhere();
    if (other) other.replaceWith(host);
    else say("the button is where nothing can be seen; data-target, or target= in the script’s address, names another place.");
  };

  const start = () => {
    try {
      if (target) whenThere(atTarget);
      else atScript();
    } catch (error) {
      say(`no button: ${error.message}`); // a selector that is none
    }
  };

  if ((target || !script.dataset.site) && document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
