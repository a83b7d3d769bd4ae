// What an agent typed of a call stays in this tab until it is saved or let go of: through a failed
// save, a lost network, a session that ended, a page that was loaded anew.
"use strict";
(() => {
  const LONGEST = 12 * 3600 * 1000; // ms

  // who: the account's number. Nobody else who signs in here later is shown it.
  window.drafts = (who) => {
    const PREFIX = `draft-${who}-`;

    const read = (name) => {
      try {
        const kept = JSON.parse(sessionStorage.getItem(name));
        if (kept && Date.now() - kept.at < LONGEST) return kept;
        sessionStorage.removeItem(name);
      } catch {
        // No storage, or not ours: as if nothing had been kept.
      }
      return null;
    };

    const keep = (form) => {
      const typed = [...new FormData(form)].filter(([name]) => name !== "csrf_token");
      try {
        sessionStorage.setItem(PREFIX + form.dataset.draft, JSON.stringify({ at: Date.now(), typed }));
      } catch {
        // A browser that keeps nothing: it stays on the page, at least.
      }
    };

    const drop = (form) => {
      if (form.dataset.draft) sessionStorage.removeItem(PREFIX + form.dataset.draft);
    };

    const set = (one, typed) => {
      if (["hidden", "submit", "button"].includes(one.type) || !one.name) return;
      if (["radio", "checkbox"].includes(one.type)) one.checked = typed.get(one.name) === one.value;
      else one.value = typed.get(one.name) ?? "";
    };

    // Puts what was kept into its form, and says since when it waits.
    const fill = (form) => {
      const kept = read(PREFIX + form.dataset.draft);
      if (!kept) return;
      const typed = new Map(kept.typed);
      for (const one of form.elements) set(one, typed);
      const { again, again_at: at } = form.elements;
      // A time that is no longer among those offered.
      if (at && !at.value && typed.get("again") && again?.value !== typed.get("again")) at.value = typed.get("again");
      form.closest("[data-live]").dataset.typed = "";
      const said = form.querySelector("[data-kept]");
      const clock = new Date(kept.at).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
      said.textContent = `Typed at ${clock}, not saved yet.`;
      said.hidden = false;
    };

    // The call of one that has no form on this page; undefined if there is none.
    const homeless = () =>
      Object.keys(sessionStorage)
        .filter((name) => name.startsWith(PREFIX) && read(name))
        .map((name) => name.slice(PREFIX.length))
        .filter((call) => !document.querySelector(`form[data-draft="${CSS.escape(call)}"]`))
        .sort((one, other) => one - other)[0];

    return { keep, drop, fill, homeless };
  };
})();
