// Moves an explorer between the frames that its page carries: no kernel, no network.
(() => {
  "use strict";

  // The page's fragment keeps what the reader has set: #~name.parameter=value&name.parameter=value
  const readFragment = () => {
    const text = location.hash.startsWith("#~") ? location.hash.slice(2) : "";
    return new URLSearchParams(text);
  };
  // What all explorers of the page are set to, also while a link to a section stands in the address.
  const settings = readFragment();
  const writeFragment = (name, controls, indices) => {
    for (const [i, control] of controls.entries()) {
      const key = `${name}.${control.name}`;
      if (indices[i] === control.start) settings.delete(key);
      else settings.set(key, control.keys[indices[i]]);
    }
    const text = settings.toString();
    if (text) history.replaceState(null, "", `#~${text}`);
    else if (location.hash.startsWith("#~")) {
      history.replaceState(null, "", location.pathname + location.search);
    }
  };

  // Room for the tallest caption, so that the page below does not move from frame to frame.
  const keepRoom = (caption, texts) => {
    const longest = [...texts].sort((a, b) => b.length - a.length).slice(0, 40);
    let width = 0;
    const measure = () => {
      const box = document.createElement("div");
      box.style.cssText = "position: absolute; visibility: hidden; inset: 0 0 auto";
      box.append(...longest.map((text) => Object.assign(document.createElement("div"), { textContent: text })));
      caption.style.position = "relative";
      caption.append(box);
      const { paddingTop, paddingRight, paddingBottom, paddingLeft, boxSizing } = getComputedStyle(caption);
      box.style.padding = `0 ${paddingRight} 0 ${paddingLeft}`;
      const around = boxSizing === "border-box" ? parseFloat(paddingTop) + parseFloat(paddingBottom) : 0;
      const tallest = Math.max(...[...box.children].map((one) => one.getBoundingClientRect().height));
      box.remove();
      caption.style.minHeight = `${Math.ceil(tallest + around)}px`;
    };
    new ResizeObserver(() => {
      if (caption.clientWidth === width) return;
      width = caption.clientWidth;
      if (width) measure();
    }).observe(caption);
  };

  const setUp = (figure) => {
    const source = figure.querySelector("script[type='application/json']");
    if (!source) return;
    const { controls, templates, values, frames } = JSON.parse(source.textContent);
    const form = figure.querySelector("form");
    const picture = figure.querySelector(".explorer-picture");
    const caption = figure.querySelector("figcaption");
    // In the order of the controls: by name, one called "length" would be the number of elements.
    const inputs = [...form.querySelectorAll("input, select")];
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
    };

    const keep = () => writeFragment(figure.id, controls, inputs.map(indexOf));

    const fromFragment = () => {
      if (!location.hash.startsWith("#~")) return false;
      const wanted = readFragment();
      let found = false;
      for (const [i, control] of controls.entries()) {
        const key = `${figure.id}.${control.name}`;
        const index = control.keys.indexOf(wanted.get(key) ?? "");
        put(inputs[i], index < 0 ? control.start : index);
        if (index < 0) settings.delete(key);
        else settings.set(key, control.keys[index]);
        found ||= index >= 0;
      }
      show();
      return found;
    };

    const stop = () => {
      if (!timer) return;
      clearInterval(timer);
      timer = 0;
      play.textContent = "Play";
      caption.setAttribute("aria-live", "polite");
    };
    const pause = () => {
      stop();
      show();
      keep();
    };
    const start = () => {
      const swept = inputs[controls.findIndex((control) => control.name === play.dataset.play)];
      const last = Number(swept.max);
      if (Number(swept.value) === last) put(swept, 0);
      show();
      play.textContent = "Pause";
      caption.setAttribute("aria-live", "off"); // only the last frame is announced
      timer = setInterval(() => {
        put(swept, Math.min(Number(swept.value) + 1, last));
        if (Number(swept.value) === last) pause();
        else show();
      }, 350);
    };

    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("input", () => {
      stop();
      show();
    });
    // Not at every step of a drag: browsers allow only so many changes of the address.
    form.addEventListener("change", keep);
    form.addEventListener("reset", (event) => {
      event.preventDefault();
      stop();
      for (const [i, control] of controls.entries()) put(inputs[i], control.start);
      show();
      keep();
    });
    play?.addEventListener("click", () => (timer ? pause() : start()));

    // Paper cannot play: a figure at the beginning of its story, which nobody has moved, stands there at its end.
    let printed;
    addEventListener("beforeprint", () => {
      stop();
      const moved = controls.some((control, i) => indexOf(inputs[i]) !== control.start);
      const swept = controls.findIndex((control) => control.name === play?.dataset.play);
      printed = !moved && controls[swept]?.start === 0 ? inputs[swept] : undefined;
      if (!printed) return;
      put(printed, Number(printed.max));
      show();
    });
    addEventListener("afterprint", () => {
      if (!printed) return;
      put(printed, 0);
      printed = undefined;
      show();
    });
    addEventListener("hashchange", fromFragment);
    form.removeAttribute("hidden");
    keepRoom(caption, new Set(frames.map(([, words]) => values[words])));
    return fromFragment() ? figure : undefined;
  };

  const begin = () => {
    const shared = [...document.querySelectorAll("figure.explorer")].map(setUp).find(Boolean);
    shared?.scrollIntoView({ block: "center" });
  };
  // As soon as the page is read, and not only when the large script that sets formulas has run.
  if (document.readyState === "loading") document.addEventListener("readystatechange", begin, { once: true });
  else begin();
})();
