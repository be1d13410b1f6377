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

// Names of the library had one page, which has become several: an old address leads to where its name is now.
(() => {
  const lead = () => {
    const links = [...document.querySelectorAll("article table.library a[href]")];
    const wanted = decodeURIComponent(location.hash.slice(1));
    if (!links.length || !wanted || document.getElementById(wanted)) return;
    const name = wanted.replace(/^module-/, "");
    const slug = (text) => text.toLowerCase().replaceAll(/[^a-z]+/g, "-");
    const around = links
      .map((link) => [link.hash.replace("#module-", ""), link])
      .filter(([module]) => module && (name === module || name.startsWith(`${module}.`)))
      .sort(([a], [b]) => b.length - a.length)[0]?.[1];
    const page = around ?? links.find((link) => slug(link.textContent) === wanted);
    if (page) location.replace(around ? `${page.href.split("#")[0]}#${wanted}` : page.href);
  };
  addEventListener("DOMContentLoaded", lead);
  addEventListener("hashchange", lead);
})();
