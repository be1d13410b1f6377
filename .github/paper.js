// Makes one document of the pages of the site, for paper. Runs in a page of the site; see paper.py.
async ({ pages, site, book }) => {
  const make = (name, attributes = {}, ...children) => {
    const made = Object.assign(document.createElement(name), attributes);
    made.append(...children);
    return made;
  };
  const keyOf = (page) => page.replace(/^book\//, "").replaceAll("/", "-");
  const root = new URL(document.documentElement.dataset.content_root, location.href).href;
  const known = new Map(pages.map((page) => [`${root}${page}.html`, keyOf(page)]));

  // A figure at the beginning of its story stands still where it ends.
  const still = (figure, page) => {
    const data = JSON.parse(figure.querySelector("script[type='application/json']")?.textContent ?? "null");
    const form = figure.querySelector("form");
    if (!data || !form) return;
    const played = form.querySelector("[data-play]")?.dataset.play;
    const indices = data.controls.map(({ name, start, texts }) => (data.end && name === played ? texts.length - 1 : start));
    const caption = figure.querySelector("figcaption");
    if (data.end) [figure.querySelector(".explorer-picture").innerHTML, caption.textContent] = data.end;
    const labels = [...form.querySelectorAll("label")].map((label) => label.firstChild.textContent.trim());
    const settings = data.controls.map(({ texts }, i) => `${labels[i] ?? ""} ${texts[indices[i]]}`.trim()).join(", ");
    const moved = data.controls.flatMap(({ name, keys, start }, i) =>
      indices[i] === start ? [] : [[`${figure.id}.${name}`, keys[indices[i]]]],
    );
    const hash = moved.length ? `~${new URLSearchParams(moved)}` : figure.id;
    const address = `${page}.html#${hash}`;
    const where = site ? make("a", { href: site + address, textContent: site + address }) : address;
    caption.append(make("span", { className: "paper-setting" }, `${settings}. To move it: `, where));
  };

  const chapters = [];
  const solved = [];
  for (const page of pages) {
    const from = `${root}${page}.html`;
    const key = keyOf(page);
    const text = await (await fetch(from)).text();
    const article = new DOMParser().parseFromString(text, "text/html").querySelector("article");
    for (const one of article.querySelectorAll("figure.explorer")) still(one, page);
    for (const one of article.querySelectorAll("script, .headerlink, .explorer form, button, details.hide")) one.remove();
    for (const cell of article.querySelectorAll(".cell")) {
      if (!cell.textContent.trim() && !cell.querySelector("svg, img, math, input")) cell.remove();
    }
    for (const one of article.querySelectorAll(".prediction-veiled")) one.classList.remove("prediction-veiled");
    for (const one of article.querySelectorAll("details")) one.open = true;
    for (const one of article.querySelectorAll("[id]")) if (!one.closest("svg")) one.id = `${key}--${one.id}`;
    for (const link of article.querySelectorAll("a[href]")) {
      const target = new URL(link.getAttribute("href"), from);
      const [path, hash] = target.href.split("#");
      const inside = path === from ? key : known.get(path);
      if (inside) link.setAttribute("href", `#${hash ? `${inside}--${decodeURIComponent(hash)}` : inside}`);
      else if (path.startsWith(root)) {
        if (site) link.href = site + target.href.slice(root.length);
        else link.removeAttribute("href");
      }
    }
    for (const picture of article.querySelectorAll("img[src]")) picture.src = new URL(picture.getAttribute("src"), from).href;
    const title = article.querySelector("h1").textContent.trim();
    const chapter = make("section", { id: key, className: "paper-chapter" }, ...article.children);

    // Solutions stand at the end of the book.
    const solutions = [...chapter.querySelectorAll("details.solution")];
    if (solutions.length) {
      const list = make("section", {}, make("h2", { textContent: title }));
      for (const [i, solution] of solutions.entries()) {
        const name = solution.querySelector("summary").textContent.trim();
        const [here, there] = [`${key}--exercise-${i}`, `${key}--solution-${i}`];
        solution.replaceWith(make("p", { id: here, className: "paper-see" }, make("a", { href: `#${there}`, textContent: `${name} is at the end of the book.` })));
        solution.id = there;
        solution.append(make("p", { className: "paper-see" }, make("a", { href: `#${here}`, textContent: "Back to the exercise" })));
        list.append(solution);
      }
      solved.push(list);
    }
    chapters.push({ key, title, chapter });
  }
  if (solved.length) {
    const chapter = make("section", { id: "solutions", className: "paper-chapter" }, make("h1", { textContent: "Solutions" }), ...solved);
    chapters.push({ key: "solutions", title: "Solutions", chapter });
  }

  const contents = make("section", { id: "contents", className: "paper-contents" }, make("h1", { textContent: "Contents" }));
  for (const { key, title, chapter } of chapters) {
    contents.append(make("p", { className: "paper-line" }, make("a", { href: `#${key}`, textContent: title }), make("span", { className: "paper-number" })));
    if (key === "solutions") continue;
    for (const heading of chapter.querySelectorAll("section > section > h2")) {
      const target = heading.parentElement.id;
      if (!target) continue;
      contents.append(
        make("p", { className: "paper-line paper-below" }, make("a", { href: `#${target}`, textContent: heading.textContent.trim() }), make("span", { className: "paper-number" })),
      );
    }
  }

  const heads = chapters.map(({ title }, i) => `.paper-${i} { page: paper-${i} } @page paper-${i} { @top-right { content: ${JSON.stringify(title)}; font: 8pt sans-serif; color: #555 } }`);
  for (const [i, { chapter }] of chapters.entries()) chapter.classList.add(`paper-${i}`);
  document.head.append(make("style", { textContent: heads.join("\n") }));
  const cover = make("section", { className: "paper-cover" }, make("p", { className: "paper-title", textContent: book.title }), make("p", { textContent: book.author }), make("p", { textContent: book.edition }));
  document.documentElement.dataset.theme = "light";
  document.title = book.title;
  const article = make("article", { className: "bd-article" }, cover, contents, ...chapters.map(({ chapter }) => chapter));
  document.body.className = "paper";
  document.body.replaceChildren(make("div", { className: "bd-content" }, article));
  await document.fonts.ready;
  return [...article.querySelectorAll("a[href^='#']")].map((link) => decodeURIComponent(link.hash.slice(1))).filter((id) => !document.getElementById(id));
}
