// Finds sections of the book. `sections.js` holds the text of all of them: nothing else is fetched, from a disk as well.
(() => {
  "use strict";

  const letters = /[\p{L}\p{N}]+/gu;
  // Words of readers that headings say in another way.
  const alike = { dying: ["dead", "dies"], died: ["dead"], silu: ["swish"], swish: ["silu"], rnn: ["recurrent"] };
  const stem = (word) => {
    if (word.length > 4 && word.endsWith("ies")) return `${word.slice(0, -3)}y`;
    return word.length > 3 && /[^sui]s$/.test(word) ? word.slice(0, -1) : word;
  };
  const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const wordsOf = (text) => (plain(text).match(letters) ?? []).map(stem);

  // What a word counts where it stands.
  const WEIGHT = { title: 5, page: 2, terms: 4, text: 1 };
  // Parts of a chapter that name everything and explain little.
  const AROUND = /^(?:[\d.]+ )?(?:Exercises|Check yourself|Summary|History)$/;
  // Pages about what others say, or about the book.
  const BESIDE = /^book\/(?:corrections|ledger|teaching|checking|folklore)$/;
  // Lists that name everything at once.
  const LISTS = /^book\/(?:glossary|notation|evidence|progress)$/;
  const groupOf = (page) => (page.startsWith("book/api") ? 1 : page === "book/references" ? 2 : 0);
  const GROUPS = ["", "In the library", "Sources"];

  const count = (words) => {
    const found = new Map();
    for (const word of words) found.set(word, (found.get(word) ?? 0) + 1);
    return found;
  };

  // One entry for each section, with its words counted by where they stand.
  const read = (pages) =>
    pages.flatMap(({ page, title, sections }) =>
      sections.map((section) => ({
        ...section,
        page,
        pageTitle: title,
        group: groupOf(page),
        fields: {
          title: count(wordsOf(section.title)),
          page: count(section.anchor ? wordsOf(title) : []),
          terms: count(section.terms.flatMap(wordsOf)),
          text: count(wordsOf(section.text)),
        },
        length: section.text.length,
        defined: section.terms.map((term) => wordsOf(term).join(" ")),
        run: ` ${[section.title, section.text].map((text) => wordsOf(text).join(" ")).join(" | ")} `,
      })),
    );

  // How much a word, or one that begins with it, weighs in a section.
  const weigh = (entry, word, average) => {
    let best = 0;
    for (const [one, share] of [[word, 1], ...(alike[word] ?? []).map((other) => [stem(other), 0.8])]) {
      let sum = 0;
      for (const [field, weight] of Object.entries(WEIGHT)) {
        const words = entry.fields[field];
        let often = words.get(one) ?? 0;
        if (!often && one.length > 2) {
          for (const [other, times] of words) if (other.startsWith(one)) often += times / 2;
        }
        if (!often) continue;
        const room = field === "text" ? 1.2 * (0.25 + (0.75 * entry.length) / average) : 0.3;
        sum += (weight * often * (1 + room)) / (often + room);
      }
      best = Math.max(best, share * sum);
    }
    return best;
  };

  const find = (entries, query) => {
    const words = wordsOf(query);
    if (!words.length) return [];
    const average = entries.reduce((sum, entry) => sum + entry.length, 0) / entries.length;
    const weights = words.map((word) => entries.map((entry) => weigh(entry, word, average)));
    const rare = weights.map((found) => Math.log(1 + entries.length / (1 + found.filter(Boolean).length)));
    const phrase = ` ${words.join(" ")} `;
    const scored = entries.map((entry, i) => {
      let score = words.reduce((sum, _, w) => sum + weights[w][i] * rare[w], 0);
      if (words.length > 1 && entry.run.includes(phrase)) score *= 1.5;
      if (entry.defined.includes(phrase.trim())) score *= 1.5;
      if (AROUND.test(entry.title)) score *= 0.7;
      if (BESIDE.test(entry.page)) score *= 0.6;
      if (LISTS.test(entry.page)) score *= 0.2;
      return { entry, score, all: weights.every((found) => found[i] > 0) };
    });
    const full = scored.filter(({ all }) => all);
    return (full.length ? full : scored.filter(({ score }) => score > 0))
      .sort((a, b) => a.entry.group - b.entry.group || b.score - a.score)
      .map(({ entry }) => entry);
  };

  // Some words around the first place that fits best, with what was looked for marked.
  const excerpt = (text, query) => {
    const wanted = wordsOf(query);
    const fits = (word) => wanted.some((one) => stem(plain(word)).startsWith(one) || alike[one]?.includes(plain(word)));
    const places = [...text.matchAll(letters)].filter(([word]) => fits(word));
    const near = (at) => new Set(places.filter(({ index }) => index >= at && index < at + 160).map(([w]) => stem(plain(w)))).size;
    const best = places.reduce((a, b) => (near(b.index) > near(a?.index ?? -1e9) ? b : a), undefined);
    const from = Math.max(0, (best?.index ?? 0) - 60);
    const start = from ? text.indexOf(" ", from) + 1 : 0;
    const line = document.createElement("p");
    let at = start;
    if (start) line.append("… ");
    for (const { 0: word, index } of places) {
      if (index < start || index > start + 230) continue;
      const mark = document.createElement("mark");
      mark.textContent = word;
      line.append(text.slice(at, index), mark);
      at = index + word.length;
    }
    const end = Math.max(at, text.indexOf(" ", start + 230) + 1 || text.length);
    line.append(text.slice(at, end), end < text.length ? " …" : "");
    return line;
  };

  const show = (box, status, entries, query) => {
    const found = find(entries, query);
    box.replaceChildren();
    const few = query.trim() ? `${found.length || "No"} ${found.length === 1 ? "section" : "sections"} found.` : "";
    status.textContent = few;
    for (const [group, name] of GROUPS.entries()) {
      const here = found.filter((entry) => entry.group === group).slice(0, 30);
      if (!here.length) continue;
      if (name) box.append(Object.assign(document.createElement("h2"), { textContent: name }));
      const list = document.createElement("ol");
      for (const entry of here) {
        const item = document.createElement("li");
        const link = document.createElement("a");
        link.href = `${entry.page}.html${entry.anchor ? `#${entry.anchor}` : ""}`;
        link.textContent = entry.title || entry.text.slice(0, 100);
        item.append(link);
        if (entry.anchor && group !== 2) {
          item.append(Object.assign(document.createElement("span"), { textContent: ` in ${entry.pageTitle}` }));
        }
        item.append(excerpt(entry.text, query));
        list.append(item);
      }
      box.append(list);
    }
  };

  addEventListener("DOMContentLoaded", () => {
    const box = document.getElementById("search-results");
    const status = document.getElementById("search-status");
    const field = document.querySelector("main #search-input");
    if (!box || !field || !window.bookSections) return;
    const entries = read(window.bookSections);
    const look = () => show(box, status, entries, field.value);
    field.value = new URLSearchParams(location.search).get("q") ?? "";
    field.addEventListener("input", () => {
      history.replaceState(null, "", field.value ? `?${new URLSearchParams({ q: field.value })}` : location.pathname);
      look();
    });
    field.form.addEventListener("submit", (event) => event.preventDefault());
    field.focus();
    look();
  });
})();
