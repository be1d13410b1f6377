// One switch for all code of a page. It is remembered; without a choice the page stays as it was written: what is
// folded is folded, and code that is part of the text is shown.
(() => {
  const key = "vanishing-gradients-code";
  const root = document.documentElement;
  const read = () => {
    try {
      return localStorage.getItem(key);
    } catch {
      return null;
    }
  };
  const write = (choice) => {
    try {
      if (choice) localStorage.setItem(key, choice);
      else localStorage.removeItem(key);
    } catch {
      // Without storage the choice holds for this page.
    }
  };
  const choices = ["shown", "folded"];
  let choice = choices.includes(read()) ? read() : null;
  if (choice) root.dataset.code = choice; // at once, so that nothing jumps

  addEventListener("DOMContentLoaded", () => {
    const title = document.querySelector("article h1");
    const folds = document.querySelectorAll("article .cell:not(.tag_hide-cell) > details.above-input");
    if (!title || !document.querySelector("article .cell_input")) return;

    const bar = document.createElement("div");
    bar.className = "code-switch";
    bar.setAttribute("role", "group");
    bar.setAttribute("aria-label", "Code on this page");
    bar.append("Code:");
    const buttons = choices.map((name) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = name;
      button.addEventListener("click", () => apply(choice === name ? null : name));
      bar.append(button);
      return button;
    });
    title.after(bar);

    const show = () => {
      buttons.forEach((button, i) => button.setAttribute("aria-pressed", choice === choices[i]));
      for (const fold of folds) fold.open = choice === "shown";
      if (choice) root.dataset.code = choice;
      else delete root.dataset.code;
    };
    const apply = (chosen) => {
      choice = chosen;
      write(choice);
      show();
      dispatchEvent(new Event("resize"));
    };
    show();
  });
})();
