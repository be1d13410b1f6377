// Moves an explorer between the frames that its page carries: no kernel, no network.
(() => {
  "use strict";

  // The page's fragment keeps what the reader has set: #~name.parameter=value&name.parameter=value
  const readFragment = () => {
    const text = location.hash.startsWith("#~") ? location.hash.slice(2) : "";
    return new URLSearchParams(text);
  };
  const writeFragment = (name, controls, indices) => {
    const kept = readFragment();
    for (const [i, control] of controls.entries()) {
      const key = `${name}.${control.name}`;
      if (indices[i] === control.start) kept.delete(key);
      else kept.set(key, control.keys[indices[i]]);
    }
    const text = kept.toString();
    if (text) history.replaceState(null, "", `#~${text}`);
    else if (location.hash.startsWith("#~")) {
      history.replaceState(null, "", location.pathname + location.search);
    }
  };

  const setUp = (figure) => {
    const source = figure.querySelector("script[type='application/json']");
    if (!source) return;
    const { controls, templates, values, frames } = JSON.parse(source.textContent);
    const form = figure.querySelector("form");
    const picture = figure.querySelector(".explorer-picture");
    const caption = figure.querySelector("figcaption");
    const inputs = controls.map((control) => form.elements[control.name]);
    const play = form.querySelector("[data-play]");
    let timer = 0;

    const indexOf = (input) => (input.type === "checkbox" ? Number(input.checked) : Number(input.value));
    const put = (input, index) => {
      if (input.type === "checkbox") input.checked = index === 1;
      else input.value = String(index);
    };

    const show = () => {
      const indices = inputs.map(indexOf);
      let number = 0;
      for (const [i, control] of controls.entries()) {
        number = number * control.texts.length + indices[i];
        if (inputs[i].type === "range") {
          const text = control.texts[indices[i]];
          inputs[i].setAttribute("aria-valuetext", text);
          inputs[i].nextElementSibling.textContent = text;
        }
      }
      const [template, words, ...slots] = frames[number];
      picture.innerHTML = templates[template]
        .map((piece, i) => piece + (i < slots.length ? values[slots[i]] : ""))
        .join("");
      caption.textContent = values[words];
      return indices;
    };

    const moved = () => writeFragment(figure.id, controls, show());

    const fromFragment = () => {
      const wanted = readFragment();
      let found = false;
      for (const [i, control] of controls.entries()) {
        const index = control.keys.indexOf(wanted.get(`${figure.id}.${control.name}`) ?? "");
        if (index < 0) continue;
        put(inputs[i], index);
        found = true;
      }
      if (found) show();
      return found;
    };

    const stop = () => {
      clearInterval(timer);
      timer = 0;
      if (play) play.textContent = "Play";
    };
    const start = () => {
      const swept = form.elements[play.dataset.play];
      const last = Number(swept.max);
      if (Number(swept.value) === last) put(swept, 0);
      play.textContent = "Pause";
      timer = setInterval(() => {
        put(swept, Math.min(Number(swept.value) + 1, last));
        moved();
        if (Number(swept.value) === last) stop();
      }, 350);
    };

    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("input", () => {
      if (timer) stop();
      moved();
    });
    form.addEventListener("reset", (event) => {
      event.preventDefault();
      stop();
      for (const [i, control] of controls.entries()) put(inputs[i], control.start);
      moved();
    });
    play?.addEventListener("click", () => (timer ? stop() : start()));
    addEventListener("hashchange", fromFragment);
    form.hidden = false;
    return fromFragment() ? figure : undefined;
  };

  const begin = () => {
    const shared = [...document.querySelectorAll("figure.explorer")].map(setUp).find(Boolean);
    shared?.scrollIntoView({ block: "center" });
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
})();
