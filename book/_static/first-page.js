// Lets the error signal of the first page run back through the layers, when the reader asks for it.
(() => {
  "use strict";

  const WHOLE = 1400; // milliseconds for the width of the picture

  const run = (picture) => {
    const svg = picture.querySelector("svg");
    const width = svg.viewBox.baseVal.width;
    const options = (delay, duration) => ({ delay, duration, fill: "backwards", easing: "linear" });
    // Everything in the color of derivatives is the signal, and appears when the signal has come that far.
    for (const part of svg.querySelectorAll("[style*='--ink-2']")) {
      const { x, width: wide, height } = part.getBBox();
      const passed = (place) => WHOLE * (1 - Math.max(place, 0) / width);
      if (part.tagName === "path" && wide > 2 * height) {
        const hidden = { clipPath: "inset(0 0 0 100%)" };
        part.animate([hidden, { clipPath: "inset(0)" }], options(passed(x + wide), (WHOLE * wide) / width));
      } else if (part.tagName === "use") {
        part.animate([{ opacity: 0 }, { opacity: 1 }], options(passed(part.x.baseVal.value), 120));
      }
    }
  };

  const begin = () => {
    const figure = document.getElementById("depth-error-signal");
    const form = figure?.querySelector("form");
    if (!form) return;
    const picture = figure.querySelector(".explorer-picture");
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: "Send an error back" });
    form.querySelector(".explorer-buttons").prepend(button);
    button.addEventListener("click", () => run(picture));
    // Another function shows itself in motion; a slider is moved by the reader's own hand.
    form.querySelector("select").addEventListener("change", () => {
      if (!matchMedia("(prefers-reduced-motion: reduce)").matches) run(picture);
    });
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin, { once: true });
  else begin();
})();
