// The bench of the laboratory keeps its settings in the address: #~bench.depth=10&bench.activation=sigmoid
// The cell that makes it is written for them before it runs, and follows what the reader chooses in its menus.
(() => {
  "use strict";

  const NAMES = ["data", "depth", "width", "activation", "start", "batch_norm", "residual", "optimizer", "rate", "seed"];
  const WORDS = /^[a-z][a-z_ ]{0,30}$/; // names, as the library has them
  const NUMBER = /^\d+(\.\d+)?(e-?\d+)?$/;

  const inPython = (text) => {
    if (text === "True" || text === "False" || NUMBER.test(text)) return text;
    return WORDS.test(text) ? `"${text}"` : undefined;
  };

  const fragment = () => new URLSearchParams(location.hash.startsWith("#~") ? location.hash.slice(2) : "");

  const cell = () =>
    [...document.querySelectorAll("article .cell_input pre")].find((pre) => /^bench\(.*\)\s*$/s.test(pre.textContent));

  const fromAddress = () => {
    const given = fragment();
    const chosen = NAMES.filter((name) => given.has(`bench.${name}`)).map((name) => [name, inPython(given.get(`bench.${name}`))]);
    const source = cell();
    if (!source || !chosen.length || chosen.some(([, value]) => value === undefined)) return;
    source.textContent = `bench(${chosen.map(([name, value]) => `${name}=${value}`).join(", ")})\n`;
    source.closest(".cell").scrollIntoView({ block: "center" });
  };

  const toAddress = (told) => {
    const kept = fragment();
    for (const name of NAMES) kept.delete(`bench.${name}`);
    for (const [name, value] of new URLSearchParams(told)) kept.set(`bench.${name}`, value);
    history.replaceState(null, "", `#~${kept}`);
  };

  addEventListener("DOMContentLoaded", () => {
    const home = cell()?.closest(".cell");
    if (!home) return;
    fromAddress();
    let last;
    new MutationObserver(() => {
      const told = home.querySelector("[data-bench]")?.dataset.bench;
      if (told === undefined || told === last) return;
      // What the bench says first is what its cell was given.
      if (last !== undefined) toAddress(told);
      last = told;
    }).observe(home, { childList: true, subtree: true, attributes: true, attributeFilter: ["data-bench"] });
  });
})();
