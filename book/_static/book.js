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
    window.MathJax?.startup?.promise
      ?.then(() => {
        mark();
        return document.fonts.ready;
      })
      .then(mark);
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

// Search shows and ranks the text of the chapters: no navigation, no code, and lists of names and of works last.
(() => {
  const noText = ".headerlink, .bd-header-article, .bd-toc, #jb-print-docs-body, .prev-next-area, .cell_input, script, style";
  const tune = () => {
    if (typeof Search === "undefined") return;
    Search.htmlToText = (html, anchor) => {
      const page = new DOMParser().parseFromString(html, "text/html");
      for (const one of page.querySelectorAll(noText)) one.remove();
      const part = anchor && page.querySelector(`article ${anchor}`);
      const text = (part || page.querySelector("article") || page.body).textContent;
      return text.replace(/\\[()[\]]/g, "").replace(/\s+/g, " ");
    };
    const last = /(^|\/)(api|references|ledger)$/;
    Scorer.score = ([page, , , , score]) => (last.test(page) ? score - 100 : score);
  };
  if (typeof Search !== "undefined") tune();
  else document.addEventListener("DOMContentLoaded", tune);
})();
