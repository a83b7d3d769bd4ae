// The sound of an offer: two short tones, made here. A browser keeps a page silent until somebody has
// used it; then the page says so, and any key or click lets it ring.
"use strict";
(() => {
  const KEPT = "console-sound";
  const PITCHES = [659, 880];
  let context = null;

  const wanted = () => localStorage.getItem(KEPT) !== "off";

  const wake = () => {
    context ||= new AudioContext();
    if (context.state !== "running") context.resume();
  };

  const tone = (pitch, at) => {
    const [wave, loud] = [context.createOscillator(), context.createGain()];
    wave.frequency.value = pitch;
    loud.gain.setValueAtTime(0, at);
    loud.gain.linearRampToValueAtTime(0.2, at + 0.02);
    loud.gain.exponentialRampToValueAtTime(0.001, at + 0.35);
    wave.connect(loud).connect(context.destination);
    wave.start(at);
    wave.stop(at + 0.4);
  };

  window.ringer = {
    ring() {
      if (!wanted()) return;
      wake();
      if (context.state === "running") PITCHES.forEach((one, n) => tone(one, context.currentTime + n * 0.18));
    },
    // on, off, or silent: the browser does not let it ring yet.
    state() {
      if (!wanted()) return "off";
      const used = navigator.userActivation?.hasBeenActive ?? true;
      return used || context?.state === "running" ? "on" : "silent";
    },
    turn(on) {
      localStorage.setItem(KEPT, on ? "on" : "off");
      if (on) this.ring();
    },
  };

  for (const kind of ["pointerdown", "keydown"]) document.addEventListener(kind, () => wanted() && wake());
})();
