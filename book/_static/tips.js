// Shows what a link leads to, from what the page carries: on hover, on focus, and on the first tap.
(() => {
  "use strict";

  const begin = () => {
    const source = document.getElementById("tips");
    if (!source) return;
    const texts = JSON.parse(source.textContent);
    const tip = document.createElement("div");
    tip.className = "book-tip";
    tip.id = "book-tip";
    tip.setAttribute("role", "tooltip");
    tip.hidden = true;
    document.querySelector("article").append(tip);
    let link = null; // the one whose tip is shown
    let timer = 0;
    let touched = null; // the link under a finger, if it showed no tip before

    const place = () => {
      if (!link) return;
      const lines = link.getClientRects();
      const line = lines[0] ?? link.getBoundingClientRect();
      const left = Math.max(8, Math.min(line.left, innerWidth - tip.offsetWidth - 8));
      const below = line.bottom + 4;
      const above = line.top - tip.offsetHeight - 4;
      tip.style.left = `${left}px`;
      tip.style.top = `${below + tip.offsetHeight > innerHeight && above > 0 ? above : below}px`;
    };
    const hide = () => {
      clearTimeout(timer);
      link?.removeAttribute("aria-describedby");
      link = null;
      tip.hidden = true;
    };
    const show = (one, byTouch) => {
      clearTimeout(timer);
      if (link === one) return;
      hide();
      link = one;
      tip.innerHTML = texts[one.getAttribute("href")];
      if (byTouch) tip.append(Object.assign(document.createElement("span"), { className: "book-tip-again", textContent: "Tap again to go there." }));
      tip.hidden = false;
      one.setAttribute("aria-describedby", tip.id);
      place();
      document.fonts.ready.then(place); // the first formula of a page fetches its letters
    };
    const soon = (act, wait) => {
      clearTimeout(timer);
      timer = setTimeout(act, wait);
    };

    for (const one of document.querySelectorAll("article a[href]:not(.headerlink)")) {
      if (!Object.hasOwn(texts, one.getAttribute("href"))) continue;
      one.addEventListener("pointerenter", (event) => {
        if (event.pointerType === "mouse") soon(() => show(one), 200);
      });
      one.addEventListener("pointerleave", () => soon(hide, 200));
      one.addEventListener("focus", () => {
        if (one.matches(":focus-visible")) show(one);
      });
      one.addEventListener("blur", hide);
      one.addEventListener("pointerdown", (event) => {
        touched = event.pointerType !== "mouse" && link !== one ? one : null;
      });
      one.addEventListener("click", (event) => {
        if (touched === one) {
          event.preventDefault();
          show(one, true);
        } else hide();
        touched = null;
      });
    }
    // What is shown stays while the pointer rests on it.
    tip.addEventListener("pointerenter", () => clearTimeout(timer));
    tip.addEventListener("pointerleave", () => soon(hide, 200));
    addEventListener("pointerdown", (event) => {
      if (link && !tip.contains(event.target) && !link.contains(event.target)) hide();
    });
    addEventListener("keydown", (event) => {
      if (event.key === "Escape") hide();
    });
    addEventListener("scroll", place, { passive: true });
    addEventListener("resize", place);
  };
  if (document.readyState !== "complete") document.addEventListener("DOMContentLoaded", begin, { once: true });
  else begin();
})();
