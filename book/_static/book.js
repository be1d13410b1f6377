// What scrolls sideways can be reached with the keyboard; what does not is no stop on the way.
(() => {
  const scrolling =
    "article :is(.math, .pst-scrollable-table-container, pre, .output, .derivation, .derivation-right, .derivation-named)";
  // A box has another size, too, when what it is folded in unfolds. All are measured before one is changed.
  const sizes = new ResizeObserver((changed) => {
    const scroll = changed.map(({ target }) => target.scrollWidth > target.clientWidth);
    for (const [i, { target }] of changed.entries()) {
      if (scroll[i]) target.tabIndex = 0;
      else target.removeAttribute("tabindex");
    }
  });
  const observe = (node) => {
    if (node.matches(scrolling)) sizes.observe(node);
    for (const box of node.querySelectorAll(scrolling)) sizes.observe(box);
  };
  addEventListener("load", async () => {
    await document.fonts.ready;
    observe(document.body);
    // And what a cell writes.
    const added = new MutationObserver((changes) => {
      for (const { addedNodes } of changes) for (const node of addedNodes) if (node instanceof HTMLElement) observe(node);
    });
    for (const article of document.querySelectorAll("article")) added.observe(article, { childList: true, subtree: true });
  });
})();

// Paper shows the solutions that are cells, and where the page is; afterwards they are folded again.
(() => {
  let opened = [];
  const address = document.createElement("p");
  address.className = "paper-address";
  addEventListener("beforeprint", () => {
    const canonical = document.querySelector("link[rel=canonical]")?.href;
    address.textContent = canonical ?? location.href.replace(/#.*/, "");
    document.querySelector("article h1")?.after(address);
    opened = [...document.querySelectorAll("article .tag_hide-cell details:not([open])")];
    for (const one of opened) one.open = true;
  });
  addEventListener("afterprint", () => {
    address.remove();
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

// A notebook that is downloaded knows where from: its first cell installs the book from there.
addEventListener("click", async (event) => {
  const link = event.target.closest?.("a.btn-download-notebook-button");
  const wheel = document.querySelector("meta[name=wheel]")?.content;
  if (!link || !wheel || !location.protocol.startsWith("http")) return;
  event.preventDefault();
  const root = new URL(document.documentElement.dataset.content_root, location.href);
  try {
    const notebook = await (await fetch(link.href)).json();
    const [first] = notebook.cells;
    const lines = [first.source].flat().join("").split("\n");
    const place = lines.findIndex((line) => line.startsWith("BOOK = "));
    if (place >= 0) lines[place] = `BOOK = ${JSON.stringify(new URL(wheel, root).href)}`;
    first.source = lines.join("\n");
    const file = new Blob([JSON.stringify(notebook, null, 1)], { type: "application/x-ipynb+json" });
    const save = document.createElement("a");
    save.href = URL.createObjectURL(file);
    save.download = link.href.split("/").at(-1);
    save.click();
    setTimeout(() => URL.revokeObjectURL(save.href), 60_000);
  } catch {
    location.assign(link.href);
  }
});
