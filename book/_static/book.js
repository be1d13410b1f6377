// What scrolls sideways can be reached with the keyboard; what does not is no stop on the way.
(() => {
  const scrolling =
    "article :is(.math, mjx-container, .pst-scrollable-table-container, pre, .output, .derivation, .derivation-right, .derivation-named)";
  const mark = () => {
    for (const box of document.querySelectorAll(scrolling)) {
      if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
      else box.removeAttribute("tabindex");
    }
  };
  addEventListener("load", () => {
    mark();
    window.MathJax?.startup?.promise?.then(mark);
  });
  addEventListener("resize", mark);
})();

// Paper shows the solutions that are cells; afterwards they are folded again.
(() => {
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll("article .tag_hide-cell details:not([open])")];
    for (const one of opened) one.open = true;
  });
  addEventListener("afterprint", () => {
    for (const one of opened) one.open = false;
  });
})();
