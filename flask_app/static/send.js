// Sends a form while its page stays, so that nothing typed is lost when that fails.
"use strict";
(() => {
  const PATIENCE = 20000; // ms
  const KEPT = "What you typed stays here, and a call goes on as it is. Press once more: it counts once.";

  // done: it was done. out: nobody is signed in. page: another page came, its text; false if that is
  // of no use. fail: told in a sentence what stands in the way. Never rejects.
  window.sendForm = async (form, button, { done, out, page, fail }) => {
    if ("sending" in form.dataset) return;
    form.dataset.sending = "";
    button?.setAttribute("aria-busy", "true");
    const typed = new URLSearchParams(new FormData(form));
    if (button?.name) typed.append(button.name, button.value);
    try {
      const answer = await fetch(form.action, {
        method: "POST",
        body: typed,
        redirect: "manual",
        signal: AbortSignal.timeout?.(PATIENCE),
      });
      if (answer.type === "opaqueredirect") return done();
      const text = await answer.text();
      if (answer.status === 401) out();
      else if (!page(text)) fail(`The server could not do this just now (${answer.status}). ${KEPT}`);
    } catch {
      fail(`The server could not be reached. ${KEPT}`);
    }
    delete form.dataset.sending;
    button?.removeAttribute("aria-busy");
  };
})();
