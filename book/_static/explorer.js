// Moves an explorer between its frames: no kernel, no server. They come from a file when the reader is near (explorer_frames.py).
(() => {
  "use strict";

  const fetchFrames = (address) =>
    new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = address;
      script.onload = resolve;
      script.onerror = reject;
      document.head.append(script);
      script.remove();
    });
  // A figure that is less than a window away gets its frames before the reader comes to it.
  const fetchers = new WeakMap();
  const near = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        if (!isIntersecting) continue;
        near.unobserve(target);
        fetchers.get(target)();
      }
    },
    { rootMargin: "100% 0px" },
  );

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
    const fit = () => {
      if (caption.clientWidth === width) return;
      width = caption.clientWidth;
      if (width) measure();
    };
    fit();
    new ResizeObserver(fit).observe(caption);
  };

  const setUp = (figure) => {
    const source = figure.querySelector("script[type='application/json']");
    const { controls, end } = JSON.parse(source.textContent);
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

    const numberOf = (indices) => controls.reduce((sum, { texts }, i) => sum * texts.length + indices[i], 0);
    const asked = () => numberOf(inputs.map(indexOf));
    const first = numberOf(controls.map(({ start }) => start));
    let shown = first;

    let frames;
    let coming = false;
    const missing = Object.assign(document.createElement("span"), { className: "explorer-missing" });
    missing.textContent =
      " The picture for this setting could not be loaded, so the last one is still shown. Move a control to try again.";

    const arrived = () => {
      if (frames) return true;
      frames = window.explorerFrames?.[figure.id];
      if (!frames) return false;
      keepRoom(caption, new Set(frames.frames.map(([, words]) => frames.values[words])));
      return true;
    };
    const bring = async () => {
      if (coming || arrived()) return;
      coming = true;
      await fetchFrames(source.dataset.src).catch(() => {});
      coming = false;
      if (arrived()) show();
      else if (asked() !== shown) {
        stop();
        figure.removeAttribute("aria-busy");
        caption.append(missing);
      }
    };

    const show = () => {
      for (const [i, control] of controls.entries()) {
        if (inputs[i].type !== "range") continue;
        const text = control.texts[indexOf(inputs[i])];
        inputs[i].setAttribute("aria-valuetext", text);
        inputs[i].nextElementSibling.textContent = text;
      }
      const number = asked();
      const there = arrived() || number === shown;
      missing.remove();
      if (there) figure.removeAttribute("aria-busy");
      else {
        figure.setAttribute("aria-busy", "true");
        bring();
      }
      if (!there || number === shown) return;
      const [template, words, ...slots] = frames.frames[number];
      picture.innerHTML = frames.templates[template]
        .map((piece, i) => piece + (i < slots.length ? frames.values[slots[i]] : ""))
        .join("");
      caption.textContent = frames.values[words];
      shown = number;
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
        if (asked() !== shown) return; // its frame has not come yet
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
    let screen;
    addEventListener("beforeprint", () => {
      stop();
      if (!end || asked() !== first) return;
      screen = [picture, caption].map((part) => [...part.childNodes]);
      [picture.innerHTML, caption.textContent] = end;
    });
    addEventListener("afterprint", () => {
      if (!screen) return;
      picture.replaceChildren(...screen[0]);
      caption.replaceChildren(...screen[1]);
      screen = undefined;
    });
    addEventListener("hashchange", fromFragment);
    form.removeAttribute("hidden");
    fetchers.set(figure, bring);
    return fromFragment() ? figure : undefined;
  };

  const begin = () => {
    const figures = [...document.querySelectorAll("figure.explorer")].filter((figure) => figure.querySelector("form"));
    const shared = figures.map(setUp).find(Boolean);
    shared?.scrollIntoView({ block: "center" });
    // What the page shows at once comes first.
    const watch = () => figures.forEach((figure) => near.observe(figure));
    if (document.readyState === "complete") watch();
    else addEventListener("load", watch, { once: true });
  };
  // As soon as the page is read, and not only when the large script that sets formulas has run.
  if (document.readyState === "loading") document.addEventListener("readystatechange", begin, { once: true });
  else begin();
})();
