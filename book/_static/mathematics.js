// Formulas of the book are set when it is built. What is typed or computed in a page is set here, by the same Temml, which is
// fetched when it is first needed.
window.mathematics = (() => {
  "use strict";
  const source = new URL("temml/temml.min.js", document.currentScript.src).href;
  let fetched;
  const temml = () =>
    (fetched ??= new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = source;
      script.onload = () => resolve(window.temml);
      script.onerror = () => {
        fetched = undefined; // the next formula tries again
        reject(new Error(`${source} did not come`));
      };
      document.head.append(script);
    }));

  // Puts one formula into an element.
  const set = async (place, tex, displayMode = false) => {
    (await temml()).render(tex, place, { displayMode });
  };

  // Sets the formulas in the text of an element: $$...$$, \[...\], \(...\) and $...$.
  const formula = /\$\$([^]+?)\$\$|\\\[([^]+?)\\\]|\\\(([^]+?)\\\)|\$(?![\s$])([^$]*[^\s$\\])\$/g;
  const setAll = async (element) => {
    const texts = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    const found = [];
    while (texts.nextNode()) {
      const text = texts.currentNode;
      if (text.parentElement.closest("pre, code, script, style, textarea, svg, math")) continue;
      if (text.data.search(formula) >= 0) found.push(text);
    }
    if (!found.length) return;
    const { renderToString } = await temml();
    for (const text of found) {
      const parts = [];
      let end = 0;
      for (const { 0: whole, 1: dollars, 2: block, 3: inline, 4: dollar, index } of text.data.matchAll(formula)) {
        const displayMode = dollars !== undefined || block !== undefined;
        const made = document.createElement(displayMode ? "div" : "span");
        made.className = "math";
        made.innerHTML = renderToString(dollars ?? block ?? inline ?? dollar, { displayMode });
        parts.push(text.data.slice(end, index), made);
        end = index + whole.length;
      }
      text.replaceWith(...parts, text.data.slice(end));
    }
  };
  return { set, setAll };
})();
