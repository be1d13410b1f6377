// A derivation can be walked: its reasons and lines appear one after the other, so that the reader can try each line
// before seeing it. Until then everything is open. The button stays right below the line that comes next.
addEventListener("DOMContentLoaded", () => {
  const piecesOf = (derivation) => {
    const pieces = [];
    let chain = false; // whether a line of the chain has come: its left side is what the reader starts from
    for (const row of derivation.querySelectorAll(".derivation-rows > *")) {
      if (row.matches(".derivation-let")) pieces.push([row]);
      if (!row.matches(".derivation-step")) continue;
      const [left, right, reason] = row.children;
      if (chain || pieces.length) pieces.push(reason.textContent.trim() ? [reason] : []);
      pieces.push(chain ? [left, right] : [right]);
      chain = true;
    }
    return pieces.filter((piece) => piece.length);
  };

  const button = (text, handler) => {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = text;
    made.addEventListener("click", handler);
    return made;
  };

  // A proof with a gap is for the reader to complete.
  for (const derivation of document.querySelectorAll("article .derivation:not(.question .derivation)")) {
    const pieces = piecesOf(derivation);
    if (pieces.length < 3) continue;

    let shown = pieces.length;
    const tell = document.createElement("span");
    tell.className = "derivation-place";
    tell.setAttribute("role", "status");

    const show = (count) => {
      shown = Math.max(0, Math.min(pieces.length, count));
      const started = new Set(pieces.slice(0, shown).flat().map((part) => part.parentElement));
      started.add(pieces[0][0].parentElement);
      pieces.forEach((piece, i) =>
        piece.forEach((part) => {
          const isRow = part.matches(".derivation-let");
          part.classList.toggle("derivation-waits", i >= shown);
          part.classList.toggle("derivation-later", i >= shown && (isRow || !started.has(part.parentElement)));
        }),
      );
      const walking = shown < pieces.length;
      next.textContent = walking ? "Next" : "Step through";
      all.hidden = !walking;
      tell.textContent = walking ? `${shown} of ${pieces.length}` : "";
    };
    const next = button("Step through", () => {
      show(shown < pieces.length ? shown + 1 : 0);
      if (shown === 0) derivation.scrollIntoView({ block: "nearest" });
    });
    const all = button("Show all", () => {
      show(pieces.length);
      next.focus();
    });
    next.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (!step || (shown === pieces.length && step > 0)) return;
      event.preventDefault();
      show(shown + step);
    });

    const controls = document.createElement("div");
    controls.className = "derivation-controls";
    controls.append(next, all, tell);
    (derivation.querySelector(".derivation-holds") ?? derivation).append(controls);
    show(pieces.length);
  }
});
