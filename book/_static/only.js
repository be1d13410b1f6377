// A block by its own address: page.html?only=name shows one question, explorer, gap or figure and nothing else.
// In a frame it tells its height to the page around it: {type: "vanishing-gradients", only: name, height: pixels}.
(() => {
  "use strict";

  const root = document.documentElement;
  const wanted = new URLSearchParams(location.search);
  const name = wanted.get("only");
  const BLOCKS = "article :is(.question, figure, .derivation, .gap, .task)[id]";
  // A figure that waits for a prediction stands alone open; by the name of its question it waits, as in the book.
  const whole = (block) => (block.matches(".question") && block.closest(".prediction")) || block;

  if (name) {
    root.dataset.only = name;
    const theme = wanted.get("theme");
    if (theme === "light" || theme === "dark") root.dataset.theme = root.dataset.mode = theme;
  }

  const alone = (block) => {
    block.classList.add("only-block");
    for (let around = block.parentElement; around && around !== root; around = around.parentElement) {
      around.classList.add("only-around");
      if (around.tagName === "DETAILS") around.open = true;
      around.hidden = false;
    }
    if (parent === window) return;
    new ResizeObserver(() => {
      const height = Math.ceil(block.getBoundingClientRect().height) + 16;
      parent.postMessage({ type: "vanishing-gradients", only: name, height }, "*");
    }).observe(block);
  };

  const link = (block) => {
    const address = new URL(location.pathname, location.href);
    address.searchParams.set("only", block.id);
    const made = document.createElement("a");
    made.className = "only-link";
    made.href = address.pathname + address.search;
    made.textContent = "Alone";
    const kind = block.matches(".question") ? "question" : block.matches(".derivation") ? "derivation" : "block";
    made.setAttribute("aria-label", `Alone: this ${block.matches("figure") ? "figure" : kind} by its own address`);
    block.append(made);
  };

  const begin = () => {
    const found = name && document.getElementById(name);
    if (found?.closest("article")) alone(whole(found));
    else {
      delete root.dataset.only;
      for (const block of document.querySelectorAll(BLOCKS)) link(block);
    }
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin, { once: true });
  else begin();
})();
