// Marks the questions of a page, and lifts the veil of a figure that waits for a prediction: no kernel, no network.
// What the reader did stays in this browser. lib/ask judges in the same way where a kernel runs.
(() => {
  "use strict";

  // ---- What the reader did, by page and question. Where the browser keeps nothing, it lasts as long as the page.
  const PLACE = `vanishing-gradients answers ${location.pathname}`;
  let kept = {};
  try {
    kept = JSON.parse(localStorage.getItem(PLACE)) ?? {};
  } catch {
    kept = {};
  }
  if (typeof kept !== "object" || Array.isArray(kept)) kept = {};
  const keep = (name, state) => {
    kept[name] = { ...kept[name], ...state };
    try {
      localStorage.setItem(PLACE, JSON.stringify(kept));
    } catch {
      // Private windows may refuse; the page goes on without.
    }
  };
  const forget = () => {
    kept = {};
    try {
      localStorage.removeItem(PLACE);
    } catch {
      // Nothing was kept.
    }
  };

  // ---- Formulas: read without ever being run. The same grammar as lib/ask/formulas.py.
  const LONGEST = 200;
  const DEEPEST = 40;
  const sigmoid = (x) => 1 / (1 + Math.exp(-x));
  const FUNCTIONS = new Map(
    Object.entries({
      exp: Math.exp,
      ln: Math.log,
      log: Math.log,
      sqrt: Math.sqrt,
      abs: Math.abs,
      sin: Math.sin,
      cos: Math.cos,
      tan: Math.tan,
      sinh: Math.sinh,
      cosh: Math.cosh,
      tanh: Math.tanh,
      sigma: sigmoid,
      sigmoid,
    }),
  );
  const CONSTANTS = new Map([
    ["pi", Math.PI],
    ["e", Math.E],
  ]);
  const SPELLED = { "−": "-", "–": "-", "·": "*", "⋅": "*", "×": "*", "÷": "/", "[": "(", "]": ")", "{": "(", "}": ")", π: " pi ", σ: " sigma" };
  const RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹";
  const LOWERED = "₀₁₂₃₄₅₆₇₈₉";
  const TOKEN = /\s*(?:((?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)|([\p{L}_][\p{L}\p{N}_']*)|(\*\*|[-+*/^(),]))/uy;

  class Unreadable extends Error {}

  // Gives a function from the values of the names to the value of the formula.
  const parse = (text, names) => {
    if (text.length > LONGEST) throw new Unreadable(`This is too long: at most ${LONGEST} characters can be read.`);
    const spelled = text
      .replace(/[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+/gu, (all) => `^(${[...all].map((c) => (c === "⁻" ? "-" : RAISED.indexOf(c))).join("")})`)
      .replace(/[−–·⋅×÷[\]{}πσ]/gu, (c) => SPELLED[c])
      .replace(/[₀₁₂₃₄₅₆₇₈₉]/gu, (c) => `_${LOWERED.indexOf(c)}`)
      .trim();
    const tokens = [];
    TOKEN.lastIndex = 0;
    for (let place = 0; place < spelled.length; place = TOKEN.lastIndex) {
      TOKEN.lastIndex = place;
      const found = TOKEN.exec(spelled);
      if (!found) throw new Unreadable(`“${[...spelled.slice(place).trim()][0]}” cannot be read here.`);
      if (found[1] !== undefined) tokens.push({ kind: "number", text: found[1] });
      else if (found[2] !== undefined) tokens.push({ kind: "name", text: found[2] });
      else tokens.push({ kind: "sign", text: found[3] === "**" ? "^" : found[3] });
    }
    if (!tokens.length) throw new Unreadable("Type an answer first.");

    let at = 0;
    let depth = 0;
    const next = () => tokens[at]?.text ?? "";
    const deeper = (inner) => {
      depth += 1;
      if (depth > DEEPEST) throw new Unreadable("This is nested too deeply.");
      const node = inner();
      depth -= 1;
      return node;
    };
    const close = () => {
      if (next() !== ")") throw new Unreadable("A bracket is not closed.");
      at += 1;
    };
    const named = (given) => {
      const known = names.find((name) => given === name || given === name.replaceAll("_", ""));
      if (known !== undefined) return (values) => values[known];
      const lower = given.toLowerCase();
      const text = FUNCTIONS.has(lower) || CONSTANTS.has(lower) ? lower : given;
      if (FUNCTIONS.has(text)) {
        if (next() !== "(") throw new Unreadable(`“${text}” needs brackets after it.`);
        at += 1;
        const inner = deeper(sum);
        close();
        const apply = FUNCTIONS.get(text);
        return (values) => apply(inner(values));
      }
      if (CONSTANTS.has(text)) return () => CONSTANTS.get(text);
      if (!names.length) throw new Unreadable(`“${text}” is no number.`);
      throw new Unreadable(`“${text}” is not known here. The formula is in ${names.join(", ")}.`);
    };
    const atom = () => {
      const token = tokens[at];
      if (!token) throw new Unreadable("Something is missing at the end.");
      at += 1;
      if (token.kind === "number") {
        const value = Number(token.text);
        return () => value;
      }
      if (token.kind === "name") return named(token.text);
      if (token.text === "(") {
        const inner = deeper(sum);
        close();
        return inner;
      }
      throw new Unreadable(`“${token.text}” is not expected where it stands.`);
    };
    const power = () => {
      const base = atom();
      if (next() !== "^") return base;
      at += 1;
      const exponent = deeper(signed);
      return (values) => base(values) ** exponent(values);
    };
    const signed = () => {
      const sign = next();
      if (sign !== "+" && sign !== "-") return power();
      at += 1;
      const inner = deeper(signed);
      return sign === "-" ? (values) => -inner(values) : inner;
    };
    const product = () => {
      let left = signed();
      for (;;) {
        const one = left;
        if (next() === "*" || next() === "/") {
          const divide = next() === "/";
          at += 1;
          const two = signed();
          left = divide ? (values) => one(values) / two(values) : (values) => one(values) * two(values);
        } else if (next() === "(" || (tokens[at] && tokens[at].kind !== "sign")) {
          const two = power(); // as in 2x and s(1 - s)
          left = (values) => one(values) * two(values);
        } else return left;
      }
    };
    const sum = () => {
      let left = product();
      while (next() === "+" || next() === "-") {
        const one = left;
        const minus = next() === "-";
        at += 1;
        const two = product();
        left = minus ? (values) => one(values) - two(values) : (values) => one(values) + two(values);
      }
      return left;
    };
    const whole = sum();
    if (at < tokens.length) throw new Unreadable(`“${next()}” is not expected where it stands.`);
    return whole;
  };

  // ---- Verdicts: whether an answer is right (null: not judged), and the words or the options that say why.
  const shown = (value) => {
    const size = Math.abs(value);
    if (value === 0 || (size >= 1e-3 && size < 1e5)) return String(Number(value.toPrecision(4))).replace("-", "−");
    const [digits, exponent] = value.toExponential(1).split("e");
    return `${digits}·10^${Number(exponent)}`.replaceAll("-", "−");
  };
  const compared = (value, right) => {
    if (value * right < 0) return "The sign is wrong.";
    const size = (value > right ? "large" : "small") + (right < 0 ? " (it is negative)" : "");
    if (value === 0 || right === 0) return `Too ${size}.`;
    const orders = Math.floor(Math.abs(Math.log10(value / right)) + 0.5);
    if (orders < 1) return `Too ${size}, but of the right order of magnitude.`;
    return `Too ${size}, by about ${orders} order${orders > 1 ? "s" : ""} of magnitude.`;
  };
  const differs = (one, other) => {
    if (!(Number.isFinite(one) && Number.isFinite(other))) return Infinity;
    const largest = Math.max(Math.abs(one), Math.abs(other));
    return largest > 1e-300 ? Math.abs(one - other) / largest : 0;
  };
  const furthest = (some, others) => Math.max(...some.map((one, i) => differs(one, others[i])));
  const WORDS = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];

  const judges = {
    choice: (data, given) => {
      if (!given.length) return { right: null, text: "Choose an answer first." };
      return { right: data.right.includes(given[0]), options: given };
    },
    choices: (data, given) => {
      if (!given.length) return { right: null, text: "Choose at least one." };
      const wrong = given.filter((one) => !data.right.includes(one));
      const missed = data.right.filter((one) => !given.includes(one)).length;
      if (!wrong.length && !missed) return { right: true };
      const word = WORDS[missed] ?? String(missed);
      const more = missed === 1 ? "One more is right." : `${word[0].toUpperCase()}${word.slice(1)} more are right.`;
      return { right: false, options: wrong, named: true, text: missed ? more : "" };
    },
    number: (data, given) => {
      let text = given.trim();
      if (data.unit && text.endsWith(data.unit)) text = text.slice(0, -data.unit.length).trim();
      if (/^[^,]*(,\d{3})+$/.test(text)) text = text.replaceAll(",", "");
      const value = parse(text, [])({});
      if (!Number.isFinite(value)) return { right: null, text: "This has no value." };
      const within = (right) => {
        const allowed = data.absolute ?? data.relative * Math.abs(right);
        return Math.abs(value - right) <= allowed + 1e-12 * Math.abs(right);
      };
      if (within(data.right)) return { right: true };
      const known = data.wrong.findIndex(within);
      return known < 0 ? { right: false, text: compared(value, data.right) } : { right: false, options: [known] };
    },
    formula: (data, given) => {
      const formula = parse(given, data.names);
      const places = data.points.map((point) => Object.fromEntries(data.names.map((name, i) => [name, point[i]])));
      const values = places.map(formula);
      const gap = furthest(values, data.right);
      if (gap <= data.equal) return { right: true, note: ` (Your form: equal at ${places.length} points. With a kernel it would be proved.)` };
      if (gap <= data.unsure) {
        return { right: null, text: "This is nearly equal, and cannot be told from equal here. Run the page in Jupyter, where formulas are proved." };
      }
      const known = data.wrong.findIndex((other) => furthest(values, other) <= data.equal);
      if (known >= 0) return { right: false, options: [known] };
      const worst = values.findIndex((value, i) => differs(value, data.right[i]) === gap);
      const where = data.names.map((name, i) => `${name} = ${shown(data.points[worst][i])}`).join(", ");
      if (!Number.isFinite(values[worst])) return { right: false, text: `At ${where} your formula has no value.` };
      return {
        right: false,
        text: `At ${where} your formula gives ${shown(values[worst])}, and the right one ${shown(data.right[worst])}.`,
      };
    },
    scale: (data, given) => ({ right: data.near[given], text: data.said[given], also: true }),
  };

  // ---- A question on the page.
  const copyOf = (part) => [...part.childNodes].map((one) => one.cloneNode(true));
  const make = (tag, properties, ...children) => {
    const made = Object.assign(document.createElement(tag), properties);
    made.append(...children);
    return made;
  };

  // The right answer as a sentence of its own.
  const sentence = (answer) => {
    const words = answer.querySelector("strong");
    return [...copyOf(words), /[.?!]$/.test(words.textContent) ? " " : ". "];
  };

  const setUp = (box) => {
    const data = JSON.parse(box.querySelector("script[type='application/json']").textContent);
    const form = box.querySelector("form");
    const inputs = [...form.querySelectorAll("input")];
    const feedback = box.querySelector(".question-feedback");
    const buttons = box.querySelector(".question-buttons");
    const hints = [...box.querySelectorAll(".question-hint")];
    const answer = box.querySelector(".question-answer");
    const because = answer.querySelector(".question-because");
    const prediction = box.closest(".prediction");
    const starts = inputs.map((input) => input.value);

    const given = () => {
      if (data.kind === "scale") return Number(inputs[0].value);
      if (data.kind === "choice" || data.kind === "choices") {
        return inputs.filter((input) => input.checked).map((input) => Number(input.value));
      }
      return inputs[0].value;
    };
    const put = (value) => {
      if (data.kind === "choice" || data.kind === "choices") {
        for (const input of inputs) input.checked = Array.isArray(value) && value.includes(Number(input.value));
      } else inputs[0].value = value;
      follow();
    };
    const follow = () => {
      if (data.kind !== "scale") return;
      const text = data.shown[Number(inputs[0].value)];
      inputs[0].setAttribute("aria-valuetext", text);
      inputs[0].nextElementSibling.textContent = text;
    };

    const say = (right, ...parts) => {
      box.classList.toggle("question-is-right", right === true);
      box.classList.toggle("question-is-wrong", right === false);
      const word = { true: "Right.", false: "Not quite." }[right];
      feedback.replaceChildren(...(word ? [make("strong", {}, word), " "] : []), ...parts);
    };
    const explained = (verdict) => {
      const parts = [];
      for (const number of verdict.options ?? []) {
        const item = answer.querySelector(`[data-option="${number}"]`);
        if (verdict.named) parts.push(...copyOf(item.querySelector(".question-shown")), ": ");
        parts.push(...copyOf(item.querySelector(".question-said")), " ");
      }
      if (verdict.text) parts.push(`${verdict.text} `);
      if ((verdict.right && !verdict.options) || verdict.also) parts.push(...copyOf(because));
      if (verdict.note) parts.push(verdict.note);
      return parts;
    };
    const judge = () => {
      try {
        return judges[data.kind](data, given());
      } catch (error) {
        if (error instanceof Unreadable) return { right: null, text: error.message };
        throw error;
      }
    };

    const mark = (reader) => {
      const verdict = judge();
      const parts = explained(verdict);
      if (prediction && verdict.right === false && !verdict.also) {
        parts.push("It is: ", ...sentence(answer), ...copyOf(because));
      }
      say(verdict.right, ...parts);
      if (verdict.right === null) return;
      if (prediction) lift(reader);
      if (reader) keep(box.id, { given: given(), right: verdict.right });
      report();
    };

    // A figure that waits: nothing of it can be seen, heard or reached.
    const figure = prediction?.querySelector(".prediction-figure");
    const isAlone = () => document.documentElement.dataset.only === box.dataset.before;
    const isShared = () => isAlone() || location.hash.startsWith("#~") && location.hash.slice(2).includes(`${box.dataset.before}.`);
    const open = (veiled) => {
      prediction.classList.toggle("prediction-veiled", veiled);
      figure.inert = veiled;
      if (veiled) figure.setAttribute("aria-hidden", "true");
      else figure.removeAttribute("aria-hidden");
    };
    const lift = (reader) => {
      open(false);
      buttons.hidden = true;
      form.firstElementChild.disabled = true;
      if (!isShared()) set(JSON.parse(prediction.dataset.opens));
      if (reader) feedback.focus({ preventScroll: true });
    };
    const set = (settings) => {
      for (const [name, index] of Object.entries(settings)) {
        const control = figure.querySelector(`form [name="${CSS.escape(name)}"]`);
        if (control.type === "checkbox") control.checked = index === 1;
        else control.value = String(index);
        control.dispatchEvent(new Event("input", { bubbles: true }));
      }
    };
    const pass = (reader) => {
      lift(reader);
      say(null, ...sentence(answer), ...copyOf(because));
      if (reader) keep(box.id, { passed: true });
      report();
    };

    const offer = (count) => {
      for (const [i, hint] of hints.entries()) hint.hidden = i > count;
    };
    const start = () => {
      form.firstElementChild.disabled = false;
      for (const [i, input] of inputs.entries()) {
        input.checked = false;
        input.value = starts[i];
      }
      follow();
      buttons.hidden = false;
      for (const fold of [...hints, answer]) fold.open = false;
      offer(0);
      say(null);
      if (prediction) {
        answer.hidden = true; // "Show me" gives it
        open(!isShared());
      }
      const state = kept[box.id];
      if (!state) return;
      if (state.hints) offer(state.hints);
      if (state.given !== undefined) {
        put(state.given);
        mark(false);
      } else if (state.passed && prediction) pass(false);
    };

    form.addEventListener("submit", (event) => {
      event.preventDefault();
      mark(true);
    });
    form.addEventListener("input", () => {
      follow();
      if (!prediction) say(null);
    });
    for (const [i, hint] of hints.entries()) {
      hint.addEventListener("toggle", () => {
        if (!hint.open || i + 1 <= (kept[box.id]?.hints ?? 0)) return;
        offer(i + 1);
        keep(box.id, { hints: i + 1 });
      });
    }
    if (prediction) {
      buttons.append(make("button", { type: "button", onclick: () => pass(true) }, "Show me"));
    }
    return start;
  };

  // ---- A task: its hints one by one, and whether it was solved. The function is marked by its cell, in live code.
  const setUpTask = (box) => {
    const hints = [...box.querySelectorAll(".task-hint")];
    const solution = box.querySelector(".task-solution");
    const told = box.querySelector(".task-state");
    const fold = box.closest("details.aside");
    const offer = (count) => {
      for (const [i, hint] of hints.entries()) hint.hidden = i > count;
    };
    const mark = () => {
      const solved = kept[box.id]?.solved === true;
      told.textContent = solved ? "Solved." : "";
      fold?.classList.toggle("task-is-solved", solved);
    };
    for (const [i, hint] of hints.entries()) {
      hint.addEventListener("toggle", () => {
        if (!hint.open || i + 1 <= (kept[box.id]?.hints ?? 0)) return;
        offer(i + 1);
        keep(box.id, { hints: i + 1 });
      });
    }
    const start = () => {
      for (const one of [...hints, solution]) one.open = false;
      offer(kept[box.id]?.hints ?? 0);
      mark();
    };
    const solved = () => {
      keep(box.id, { solved: true });
      mark();
      report();
    };
    return { box, start, solved };
  };

  // What a cell reports about a task is an output like others.
  const listen = (tasks) => {
    const heard = (node) => {
      for (const link of node.querySelectorAll(".task-report.task-solved .task-of")) {
        tasks.find(({ box }) => `#${box.id}` === link.getAttribute("href"))?.solved();
      }
    };
    const watch = new MutationObserver((changes) => {
      for (const { addedNodes } of changes) {
        for (const node of addedNodes) if (node instanceof HTMLElement) heard(node.parentElement ?? node);
      }
    });
    watch.observe(document.querySelector("article") ?? document.body, { childList: true, subtree: true });
  };

  // ---- Once a page: how far the reader has come, and a way to begin again.
  let report = () => {};
  const summarize = (last, starts, asked, tasks) => {
    const told = make("span", {});
    told.setAttribute("role", "status");
    const clear = make("button", { type: "button" }, "Clear my answers");
    clear.addEventListener("click", () => {
      forget();
      for (const start of starts) start();
      report();
    });
    (last.closest("div.cell") ?? last).after(make("div", { className: "question-progress" }, told, clear));
    report = () => {
      const right = asked.filter((box) => kept[box.id]?.right).length;
      const solved = tasks.filter((box) => kept[box.id]?.solved).length;
      told.textContent = [
        asked.length ? `Questions answered right on this page: ${right} of ${asked.length}.` : "",
        tasks.length ? `Tasks solved: ${solved} of ${tasks.length}.` : "",
      ]
        .join(" ")
        .trim();
    };
  };

  // The mark of a chapter that is done is kept and cleared with the answers.
  const setUpDone = (part) => {
    const mark = part.querySelector("input");
    mark.addEventListener("change", () => keep("done", { done: mark.checked }));
    part.hidden = false;
    return () => {
      mark.checked = kept.done?.done === true;
    };
  };

  // How far the reader has come in every chapter, from what the browser keeps.
  const PREFIX = "vanishing-gradients answers ";
  const showProgress = (part) => {
    const stateOf = (path) => {
      try {
        return JSON.parse(localStorage.getItem(PREFIX + path)) ?? {};
      } catch {
        return {};
      }
    };
    const show = () => {
      let [done, right, all] = [0, 0, 0];
      const rows = [...part.querySelectorAll("tr[data-asked]")];
      for (const row of rows) {
        const state = stateOf(new URL(row.querySelector("a").href).pathname);
        const asked = JSON.parse(row.dataset.asked);
        const answered = asked.filter((name) => state[name]?.right).length;
        row.cells[2].textContent = `${answered} of ${asked.length} right`;
        row.cells[3].textContent = state.done?.done ? "✓ done" : "not yet";
        done += state.done?.done ? 1 : 0;
        right += answered;
        all += asked.length;
      }
      part.querySelector(".progress-sum").textContent =
        `Done: ${done} of ${rows.length} chapters. Answered right: ${right} of ${all} questions.`;
    };
    const clear = make("button", { type: "button" }, "Clear everything");
    clear.addEventListener("click", () => {
      try {
        for (const key of Object.keys(localStorage)) if (key.startsWith(PREFIX)) localStorage.removeItem(key);
      } catch {
        // Nothing was kept.
      }
      show();
    });
    part.append(make("div", { className: "question-progress" }, clear));
    show();
    addEventListener("pageshow", show); // also after a step back in the history
  };

  const begin = () => {
    for (const part of document.querySelectorAll(".progress-table")) showProgress(part);
    const boxes = [...document.querySelectorAll(".question")];
    const tasks = [...document.querySelectorAll(".task")].map(setUpTask);
    const done = document.querySelector(".chapter-done");
    if (!boxes.length && !tasks.length && !done) return;
    const starts = [...boxes.map(setUp), ...tasks.map(({ start }) => start)];
    if (done) starts.push(setUpDone(done));
    const last = boxes.at(-1) ?? tasks.at(-1)?.box ?? done;
    summarize(
      last,
      starts,
      boxes.filter((box) => !box.closest(".prediction")),
      tasks.map(({ box }) => box),
    );
    if (tasks.length) listen(tasks);
    for (const start of starts) start();
    report();
  };
  // After the explorers, whose script stands before this one.
  if (document.readyState === "loading") document.addEventListener("readystatechange", begin, { once: true });
  else begin();
})();
