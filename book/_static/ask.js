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
  const SEVERAL = new Map([
    ["max", Math.max],
    ["min", Math.min],
  ]);
  const COMPARED = new Map([
    ["<", (one, two) => one < two],
    ["<=", (one, two) => one <= two],
    [">", (one, two) => one > two],
    [">=", (one, two) => one >= two],
  ]);
  const CONSTANTS = new Map([
    ["pi", Math.PI],
    ["e", Math.E],
  ]);
  const SPELLED = {
    "−": "-", "–": "-", "·": "*", "⋅": "*", "×": "*", "÷": "/", "[": "(", "]": ")", "{": "(", "}": ")", π: " pi ", σ: " sigma",
    α: " alpha", γ: " gamma", λ: " lambda", μ: " mu", φ: " phi", "≤": "<=", "≥": ">=",
  };
  const RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹";
  const LOWERED = "₀₁₂₃₄₅₆₇₈₉";
  const TOKEN = /\s*(?:((?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)|([\p{L}_][\p{L}\p{N}_']*)|(\*\*|<=|>=|[-+*/^(),<>]))/uy;

  class Unreadable extends Error {}

  // Gives the formula as a tree of kind, text and parts.
  const node = (kind, text, ...parts) => ({ kind, text, parts });
  const parse = (text, names) => {
    if (text.length > LONGEST) throw new Unreadable(`This is too long: at most ${LONGEST} characters can be read.`);
    const spelled = text
      .replace(/[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+/gu, (all) => `^(${[...all].map((c) => (c === "⁻" ? "-" : RAISED.indexOf(c))).join("")})`)
      .replace(/[−–·⋅×÷[\]{}πσαγλμφ≤≥]/gu, (c) => SPELLED[c])
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
    const CASES = "Two cases are written as if(x > 0, first value, second value).";
    const condition = () => {
      const one = sum();
      const sign = next();
      if (!COMPARED.has(sign)) throw new Unreadable(CASES);
      at += 1;
      return node(sign, "", one, sum());
    };
    const argumentsOf = (text) => {
      const inner = [text === "if" ? condition() : sum()];
      while (!FUNCTIONS.has(text) && next() === ",") {
        at += 1;
        inner.push(sum());
      }
      if (text === "if" && inner.length !== 3) throw new Unreadable(CASES);
      if (SEVERAL.has(text) && inner.length < 2) throw new Unreadable(`“${text}” needs two values with a comma between them.`);
      return inner;
    };
    const isFunction = (text) => FUNCTIONS.has(text) || SEVERAL.has(text) || text === "if";
    const named = (given) => {
      const known = names.find((name) => given === name || given === name.replaceAll("_", ""));
      if (known !== undefined) return node("name", known);
      const lower = given.toLowerCase();
      const text = isFunction(lower) || CONSTANTS.has(lower) ? lower : given;
      if (isFunction(text)) {
        if (next() !== "(") throw new Unreadable(`“${text}” needs brackets after it.`);
        at += 1;
        const inner = deeper(() => argumentsOf(text));
        close();
        return node("call", text, ...inner);
      }
      if (CONSTANTS.has(text)) return node("name", text);
      if (!names.length) throw new Unreadable(`“${text}” is no number.`);
      throw new Unreadable(`“${text}” is not known here. The formula is in ${names.join(", ")}.`);
    };
    const atom = () => {
      const token = tokens[at];
      if (!token) throw new Unreadable("Something is missing at the end.");
      at += 1;
      if (token.kind === "number") return node("number", token.text);
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
      return node("^", "", base, deeper(signed));
    };
    const signed = () => {
      const sign = next();
      if (sign !== "+" && sign !== "-") return power();
      at += 1;
      const inner = deeper(signed);
      return sign === "-" ? node("negative", "", inner) : inner;
    };
    const product = () => {
      let left = signed();
      for (;;) {
        const sign = next();
        if (sign === "*" || sign === "/") {
          at += 1;
          left = node(sign, "", left, signed());
        } else if (sign === "(" || (tokens[at] && tokens[at].kind !== "sign")) {
          left = node("*", "", left, power()); // as in 2x and s(1 - s)
        } else return left;
      }
    };
    const sum = () => {
      let left = product();
      while (next() === "+" || next() === "-") {
        const sign = next();
        at += 1;
        left = node(sign, "", left, product());
      }
      return left;
    };
    const whole = sum();
    if (at < tokens.length) throw new Unreadable(`“${next()}” is not expected where it stands.`);
    return whole;
  };

  // The value of a formula where its names have these values.
  const valueOf = (formula, names) => {
    const { kind, text, parts } = formula;
    if (kind === "number") return Number(text);
    if (kind === "name") return names[text] ?? CONSTANTS.get(text);
    if (kind === "call" && text === "if") {
      const sides = parts[0].parts.map((part) => valueOf(part, names));
      if (!sides.every(Number.isFinite)) return NaN;
      return valueOf(COMPARED.get(parts[0].kind)(...sides) ? parts[1] : parts[2], names);
    }
    const [one, two, ...more] = parts.map((part) => valueOf(part, names));
    if (kind === "call" && SEVERAL.has(text)) return [one, two, ...more].every(Number.isFinite) ? SEVERAL.get(text)(one, two, ...more) : NaN;
    if (kind === "call") return FUNCTIONS.get(text)(one);
    if (kind === "negative") return -one;
    if (kind === "+") return one + two;
    if (kind === "-") return one - two;
    if (kind === "*") return one * two;
    if (kind === "/") return one / two;
    return one ** two;
  };

  // How a formula is displayed, in TeX. What binds more tightly needs no brackets.
  const [SUM, PRODUCT, POWER, ATOM] = [0, 1, 2, 3];
  const WRITTEN = { pi: "\\pi", "<=": "\\le", ">=": "\\ge", log: "\\ln", sigmoid: "\\sigma" };
  const latexOf = (formula, displayed) => {
    const within = ([text, level], least) => (level >= least ? text : `\\left(${text}\\right)`);
    const called = (text, inner) => {
      if (text === "exp") return [`e^{${inner[0]}}`, POWER];
      if (text === "sqrt") return [`\\sqrt{${inner[0]}}`, ATOM];
      if (text === "abs") return [`\\left|${inner[0]}\\right|`, ATOM];
      if (text === "if") return [`\\begin{cases} ${inner[1]} & ${inner[0]} \\\\ ${inner[2]} & \\text{otherwise} \\end{cases}`, SUM];
      return [`${WRITTEN[text] ?? `\\${text}`}\\left(${inner.join(", ")}\\right)`, POWER];
    };
    const written = ({ kind, text, parts: of }) => {
      const parts = of.map(written);
      const inner = parts.map(([one]) => one);
      if (kind === "number") {
        const [digits, exponent] = text.toLowerCase().split("e");
        return exponent ? [`${digits} \\cdot 10^{${Number(exponent)}}`, PRODUCT] : [digits, ATOM];
      }
      if (kind === "name") return [displayed[text] ?? WRITTEN[text] ?? text, ATOM];
      if (kind === "call") return called(text, inner);
      if (COMPARED.has(kind)) return [`${inner[0]} ${WRITTEN[kind] ?? kind} ${inner[1]}`, SUM];
      if (kind === "negative") return [`-${within(parts[0], PRODUCT)}`, SUM];
      if (kind === "^") return [`${within(parts[0], ATOM)}^{${inner[1]}}`, POWER];
      if (kind === "/") return [`\\frac{${inner[0]}}{${inner[1]}}`, PRODUCT];
      if (kind === "*") {
        const [one, two] = parts.map((part) => within(part, PRODUCT));
        return [/^\d/.test(two) ? `${one} \\cdot ${two}` : `${one}\\,${two}`, PRODUCT];
      }
      const tight = kind === "-" || of[1].kind === "negative";
      return [`${inner[0]} ${kind} ${within(parts[1], tight ? PRODUCT : SUM)}`, SUM];
    };
    return written(formula)[0];
  };

  // What two formulas share that differ in the order of sums and products alone.
  const shapeOf = (formula) => {
    const { kind, text, parts } = formula;
    const terms = (one, sign) => {
      if (one.kind === "negative") return terms(one.parts[0], -sign);
      if (one.kind === "+" || one.kind === "-") return [...terms(one.parts[0], sign), ...terms(one.parts[1], one.kind === "+" ? sign : -sign)];
      return [`${sign > 0 ? "+" : "-"}${shapeOf(one)}`];
    };
    const factors = (one, power) => {
      if (one.kind === "*" || one.kind === "/") return [...factors(one.parts[0], power), ...factors(one.parts[1], one.kind === "*" ? power : -power)];
      if (one.kind === "number" && Number(one.text) === 1) return [];
      return [`${power > 0 ? "*" : "/"}${shapeOf(one)}`];
    };
    if (["+", "-", "negative"].includes(kind)) return `(${terms(formula, 1).sort().join(" ")})`;
    if (kind === "*" || kind === "/") return `[${factors(formula, 1).sort().join(" ")}]`;
    if (kind === "number") return String(Number(text));
    if (kind === "^" && parts[0].kind === "name" && parts[0].text === "e") return shapeOf(node("call", "exp", parts[1]));
    return `${kind}:${{ log: "ln", sigmoid: "sigma" }[text] ?? text}(${parts.map(shapeOf).join(",")})`;
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
    if (other === 0) return Math.abs(one);
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
      const value = valueOf(parse(text, []), {});
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
      const isSeen = data.standing?.some((text) => shapeOf(parse(text, data.names)) === shapeOf(formula));
      if (isSeen) return { right: null, text: "This stands in the proof already. Take the step that the reason beside the gap names." };
      const places = data.points.map((point) => Object.fromEntries(data.names.map((name, i) => [name, point[i]])));
      const values = places.map((place) => valueOf(formula, place));
      const gap = furthest(values, data.right);
      if (gap <= data.equal) {
        const note = data.standing
          ? ` (Your line agrees with the proof at all ${places.length} points that were tried. That is evidence, and no proof: press Live code and run this cell, and the checker tries to prove it.)`
          : ` (Your form: equal at ${places.length} points. With a kernel it would be proved.)`;
        return { right: true, note };
      }
      if (gap <= data.unsure) {
        return { right: null, text: "This is nearly equal, and cannot be told from equal here. Run the page in Jupyter, where formulas are proved." };
      }
      const known = data.wrong.findIndex((other) => furthest(values, other) <= data.equal);
      if (known >= 0) return { right: false, options: [known] };
      const worst = values.findIndex((value, i) => differs(value, data.right[i]) === gap);
      const where = data.names.map((name, i) => `${name} = ${shown(data.points[worst][i])}`).join(", ");
      if (!Number.isFinite(values[worst])) return { right: false, text: `At ${where} ${data.yours} has no value.` };
      return {
        right: false,
        text: `At ${where} ${data.yours} gives ${shown(values[worst])}, and ${data.other} ${shown(data.right[worst])}.`,
      };
    },
    scale: (data, given) => ({ right: data.near[given], text: data.said[given], also: true }),
  };
  judges.gap = judges.formula;

  // ---- Formulas that are typed are set one after the other.
  let setting = Promise.resolve();
  const setFormula = (place, latex) => {
    if (place.dataset.latex === latex) return;
    place.dataset.latex = latex;
    setting = setting
      .then(async () => {
        if (place.dataset.latex !== latex) return; // typed on meanwhile
        if (latex) await window.mathematics.set(place, `\\displaystyle ${latex}`);
        place.hidden = !latex;
      })
      .catch(() => {
        place.hidden = true; // the formula is judged all the same
      });
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

  // Hints come one by one, and stay.
  const oneByOne = (box, hints) => {
    const offer = (count) => {
      for (const [i, hint] of hints.entries()) hint.hidden = i > count;
    };
    for (const [i, hint] of hints.entries()) {
      hint.addEventListener("toggle", () => {
        if (!hint.open || i + 1 <= (kept[box.id]?.hints ?? 0)) return;
        offer(i + 1);
        keep(box.id, { hints: i + 1 });
      });
    }
    return offer;
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
    // A formula is displayed as it is read, while it is typed.
    const typed = box.querySelector(".question-typed");
    const display = () => {
      let latex = "";
      try {
        latex = latexOf(parse(inputs[0].value, data.names), data.displayed);
      } catch (error) {
        if (!(error instanceof Unreadable)) throw error;
      }
      setFormula(typed, latex);
    };
    const follow = () => {
      if (typed) display();
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

    // A proof shows the line once it was found or shown.
    const derivation = box.querySelector(".question-proof .derivation");
    const fill = (filled) => derivation?.classList.toggle("derivation-is-filled", filled);

    const mark = (reader) => {
      const verdict = judge();
      const parts = explained(verdict);
      if (prediction && verdict.right === false && !verdict.also) {
        parts.push("It is: ", ...sentence(answer), ...copyOf(because));
      }
      say(verdict.right, ...parts);
      if (verdict.right === null) return;
      fill(verdict.right || answer.open);
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

    const offer = oneByOne(box, hints);
    const start = () => {
      form.firstElementChild.disabled = false;
      for (const [i, input] of inputs.entries()) {
        input.checked = false;
        input.value = starts[i];
      }
      follow();
      buttons.hidden = false;
      for (const fold of [...hints, answer]) fold.open = false;
      fill(false);
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
    answer.addEventListener("toggle", () => {
      if (answer.open) fill(true);
    });
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
    const offer = oneByOne(box, hints);
    const mark = () => {
      const solved = kept[box.id]?.solved === true;
      told.textContent = solved ? "Solved." : "";
      fold?.classList.toggle("task-is-solved", solved);
    };
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
    (last.closest("details.aside") ?? last.closest("div.cell") ?? last).after(make("div", { className: "question-progress" }, told, clear));
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
