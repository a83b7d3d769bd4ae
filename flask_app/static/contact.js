// Shows the form's times in the visitor's own zone, and those of another department or other days
// at once. It asks for them without anything that was typed; without it buttons do the same.
"use strict";
(() => {
  const form = document.getElementById("form");
  const TIMES = ["lede", "when"];
  let asked = 0;

  const part = (root, name) => root.querySelector(`[data-part="${name}"]`);
  const field = (name) => form.elements[name];
  const zoneShown = () => part(document, "lede").dataset.zone;
  const zoneHere = () => Intl.DateTimeFormat().resolvedOptions().timeZone || "";

  // The same instant may be written with another offset.
  const same = (one, other) => one === other || Date.parse(one) === Date.parse(other);

  const keepRadio = (old, now) => {
    const twin = [...now.querySelectorAll(`input[type="radio"][name="${old.name}"]`)].find((one) =>
      !one.disabled && same(one.value, old.value),
    );
    if (twin) twin.checked = true;
  };

  const keepText = (old, now) => {
    const twin = now.querySelector(`[name="${old.name}"]`);
    const known = !twin?.options || [...twin.options].some((one) => one.value === old.value);
    if (twin && known) twin.value = old.value;
  };

  const keep = (old, now, left) => {
    for (const one of old.querySelectorAll("input, textarea, select")) {
      if (left.includes(one.name)) continue;
      if (one.type !== "radio") keepText(one, now);
      else if (one.checked) keepRadio(one, now);
    }
    for (const one of old.querySelectorAll("details[id]")) {
      const twin = now.querySelector(`#${one.id}`);
      if (twin) twin.open = one.open;
    }
  };

  const replace = (name, parts, left) => {
    const [old, now] = [part(document, name), document.adoptNode(part(parts, name))];
    if (!old) return; // a page inside another website has fewer parts
    const focused = old.contains(document.activeElement) ? document.activeElement : null;
    keep(old, now, left);
    old.replaceWith(now);
    if (!focused) return;
    const twin = focused.id
      ? document.getElementById(focused.id)
      : now.querySelector(`[name="${focused.name}"]:checked`) || now.querySelector("input");
    twin?.focus();
  };

  // left: the fields that take what came, and not what was chosen before.
  const show = (names, parts, left) => {
    for (const name of names) replace(name, parts, left);
    const { state, news } = part(document, "lede").dataset;
    document.body.classList.toggle("ended", state !== "open");
    document.getElementById("news").textContent = news;
    ready();
  };

  const ask = async (names, zone, day = "") => {
    const mine = (asked += 1);
    const url = new URL(form.dataset.parts, location);
    url.searchParams.set("queue", field("queue").value);
    url.searchParams.set("time_zone", zone);
    url.searchParams.set("day", day);
    try {
      const answer = await fetch(url);
      if (!answer.ok || mine !== asked) return;
      const left = day ? ["time_zone", "day"] : ["time_zone"];
      show(names, new DOMParser().parseFromString(await answer.text(), "text/html"), left);
    } catch {
      // Offline: what stands on the page is still right, and sending it says what is wrong.
    }
  };

  const ready = () => {
    for (const one of document.querySelectorAll(".no-script")) one.hidden = true;
  };

  form.addEventListener("change", ({ target }) => {
    if (target.name === "queue") ask([...TIMES, "about", "hours"], zoneShown());
    if (target.name === "time_zone") ask(TIMES, target.value);
  });
  form.addEventListener("click", (event) => {
    if (event.target.name !== "show_day") return;
    event.preventDefault();
    ask(TIMES, zoneShown(), event.target.value);
  });

  const wanted = field("zone_known").value ? zoneShown() : zoneHere();
  field("zone_known").value = "1";
  ready();
  if (wanted && wanted !== zoneShown()) ask(TIMES, wanted);
})();
