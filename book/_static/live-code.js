// Live code: once the reader presses the button, the cells of the page can be edited and run: by Python in this page, on
// Binder, or on a Jupyter server. Nothing is loaded or asked for before that. A server that stands in the page's address
// (?jupyter=...&token=...) is used; otherwise what the reader chose the last time, the server in _config.yml, or the page.
addEventListener("DOMContentLoaded", () => {
  const settings = document.querySelector("meta[name='live-code']")?.dataset;
  const header = document.querySelector(".article-header-buttons");
  if (!settings || !header) return;

  // What is wrong with an address that was given, in words; nothing for one that can be a server's. The policy of the
  // page lets it reach the same: without encryption, only a server on this machine, that of the page, or the book's.
  const faultOf = (text) => {
    let url;
    try {
      url = new URL(text);
    } catch {
      return "it must begin with http:// or https://";
    }
    if (!["http:", "https:"].includes(url.protocol)) return "it must begin with http:// or https://";
    if (url.username || url.password) return "it must not hold a name or a password";
    const near = ["localhost", "127.0.0.1"].includes(url.hostname) || url.origin === location.origin;
    if (url.protocol === "http:" && !near && text !== settings.server) {
      return "only a server on this machine can begin with http://, and any other with https://";
    }
    return "";
  };

  const root = new URL(".", document.querySelector("script[src*='live-code.js']").src);
  const assets = new URL("thebe/", root);
  const address = new URLSearchParams(location.search);
  const asked = address.get("jupyter");
  const wrong = asked ? faultOf(asked) : "";
  let serverUrl = asked || settings.server;
  let token = address.get("token") ?? "";

  // Where the cells can run. In private windows a browser may refuse to remember the choice.
  const REMEMBERED = "live-code-way";
  const remember = (way) => {
    try {
      localStorage.setItem(REMEMBERED, way);
    } catch {}
  };
  const remembered = () => {
    try {
      const way = localStorage.getItem(REMEMBERED);
      return way === "server" && !serverUrl ? "" : way;
    } catch {
      return "";
    }
  };
  let way = asked ? "server" : remembered() || (settings.server ? "server" : "page");
  if (!["page", "binder", "server"].includes(way)) way = "page";
  const placeOf = (one) => {
    if (one === "page") return "Python in this page";
    if (one === "binder") return new URL(settings.binder).host;
    return faultOf(serverUrl) ? serverUrl : new URL(serverUrl).host;
  };
  let place = placeOf(way);

  const element = (tag, properties = {}, ...children) => {
    const made = Object.assign(document.createElement(tag), properties);
    made.append(...children);
    return made;
  };

  const start = element("button", {
    type: "button",
    className: "btn btn-sm live-start",
    title: wrong ? "Run and edit the code on this page" : `Run and edit the code on this page (${way === "page" ? "" : "on "}${place})`,
    textContent: "Live code",
  });
  header.prepend(start);

  const status = element("p", { role: "status" });
  status.setAttribute("role", "status");
  const runAll = element("button", { type: "button", textContent: "Run all", hidden: true });
  const restart = element("button", { type: "button", textContent: "Restart", hidden: true });
  const agree = element("button", { type: "button", textContent: `Connect to ${place}`, hidden: true });
  const refuse = element("button", { type: "button", textContent: "Cancel", hidden: true });
  const progress = element("progress", { hidden: true, max: 1, value: 0 });
  progress.setAttribute("aria-label", "Loading Python");

  const ways = element("details", { className: "live-ways" }, element("summary", { textContent: "Where it runs" }));
  const option = (value, name, ...what) => {
    const radio = element("input", { type: "radio", name: "live-way", value, checked: way === value });
    ways.append(element("label", {}, radio, element("span", {}, element("b", { textContent: name }), ...what)));
    return radio;
  };
  const inPage = element("span");
  option("page", "Python in this page", ": ", inPage);
  option(
    "binder",
    "Binder",
    ": a free machine elsewhere, with all packages, good when this device is too small; starting takes minutes, and your code is sent there.",
  );
  const serverField = element("input", { type: "url", placeholder: "https://…", value: wrong ? "" : (serverUrl ?? "") });
  serverField.setAttribute("aria-label", "Address of the Jupyter server");
  const tokenField = element("input", { type: "password", autocomplete: "off", placeholder: "token" });
  tokenField.setAttribute("aria-label", "Token of the Jupyter server");
  option(
    "server",
    "A Jupyter server",
    ": your own, or that of your course; the fastest for long computations, and your code is sent there. ",
    serverField,
    tokenField,
  );
  const change = element("button", { type: "button", textContent: "Run there" });
  ways.append(change);
  const bar = element("div", { className: "live-bar" }, status, progress, agree, refuse, runAll, restart, ways);
  const say = (text) => (status.textContent = text);
  const ready = () =>
    say(
      way === "page"
        ? "Python runs in this page. Edit a cell, then press Run or Shift+Enter."
        : `Connected to ${place}. Edit a cell, then press Run or Shift+Enter.`,
    );

  // The files of Python, if this copy of the book has them: asked for once, after the press.
  let files;
  const python = async () => {
    files ??= fetch(new URL("python/files.json", root), { cache: "no-cache" })
      .then((answer) => (answer.ok ? answer.json() : {}))
      .catch(() => ({}));
    return files;
  };
  const obstacle = async () => {
    if (location.protocol === "file:") {
      return "this page was opened as a file, and browsers start Python only in pages that a web server sends (“make serve” is one)";
    }
    if (!window.WebAssembly || !window.Worker) return "this browser can't run it";
    if (!(await python()).bytes) return "this copy of the book was built without it";
    return "";
  };
  const describe = async () => {
    const fault = await obstacle();
    const size = fault ? 0 : Math.round((await python()).bytes / 1e6);
    inPage.textContent = fault
      ? `can't be chosen here, because ${fault}.`
      : `needs no account and sends nothing anywhere; good for changing a line. Once ${size} MB are loaded, and then kept.`;
    ways.querySelector("[value=page]").disabled = Boolean(fault);
    return fault;
  };

  // Browsers write a new line of an edited text as a character or as an element.
  const textOf = (node) => {
    const copy = node.cloneNode(true);
    for (const line of copy.querySelectorAll("br")) line.replaceWith("\n");
    return copy.textContent;
  };

  let cells = [];
  let session = null;
  let queue = Promise.resolve(); // one thing after the other, as in a notebook
  let sitting = 0; // what was queued before a restart does not run after it
  const isolated = window.crossOriginIsolated; // where the host sends the headers for it
  let interrupts = null; // memory shared with Python in the page: a 2 in it interrupts a cell
  let running = null; // the cell that runs
  let stopping = false;

  const script = (src) =>
    new Promise((resolve, reject) => {
      const made = element("script", { src });
      made.onload = resolve;
      made.onerror = () => reject(new Error("a script of the book did not load"));
      document.head.append(made);
    });
  const loaded = async () => {
    if (!window.thebeCore) {
      const sheet = new URL("thebe-core.css", assets);
      // In a layer of its own, what the widgets bring cannot restyle the page.
      document.head.append(element("style", { textContent: `@import url("${sheet}") layer(thebe);` }));
      await script(new URL("thebe-core.min.js", assets).href);
      await script(new URL("../marked/marked.umd.js", assets).href);
    }
    if (way === "page" && !window.thebeLite) {
      const baseUrl = new URL("thebe-lite/", root).href;
      const data = element("script", { id: "jupyter-config-data", type: "application/json" });
      data.textContent = JSON.stringify({ baseUrl });
      document.head.append(data);
      // It would register a service worker for the whole book, and mount a file system that the book does not have.
      Object.defineProperty(navigator, "serviceWorker", { value: undefined, configurable: true });
      Object.defineProperty(window, "crossOriginIsolated", { value: false, configurable: true });
      await script(new URL("thebe-lite.min.js", baseUrl).href);
    }
    return window.thebeCore;
  };

  const configuration = (api) => {
    const events = api.makeEvents();
    const options = { kernelOptions: { path: `/${settings.notebook}`, kernelName: "python3" } };
    if (way === "page") {
      options.useJupyterLite = true;
      options.kernelOptions = { path: freshPath(), kernelName: "python" };
    } else if (way === "server") {
      options.serverSettings = { baseUrl: serverUrl, appendToken: true, token };
    } else {
      const repo = new URL(settings.repository).pathname.slice(1);
      options.binderOptions = { binderUrl: settings.binder, repo, ref: settings.branch, repoProvider: "github" };
    }
    const failed = new Promise((_, reject) =>
      events.on("error", (_name, event) => reject(new Error(event.message ?? event))),
    );
    failed.catch(() => {});
    events.on("status", (_name, event) => {
      if (!session && event.message.startsWith("Binder is")) say(`${event.message} (on ${place})`);
    });
    return { config: api.makeConfiguration(options, events), failed };
  };

  let started = 0;
  const freshPath = () => `/live-${(started += 1)}.ipynb`;

  // Nothing heard from Python for this long, and it is given up.
  const PATIENCE = 120_000;

  // Start Python in a worker, and follow it: the promise fails when it fails, or when nothing is heard of it any more.
  const pythonStarts = async (server, begin) => {
    const about = await python();
    const channel = `live-code-${crypto.randomUUID?.() ?? Math.random()}`;
    const radio = new BroadcastChannel(channel);
    const megabytes = (bytes) => (bytes / 1e6).toFixed(1);
    let bytes = 0;
    let told = 0; // once a second is enough for those who hear it read aloud
    let timer;
    const lost = new Promise((_, reject) => {
      const hear = () => {
        clearTimeout(timer);
        timer = setTimeout(() => reject(new Error("it has not answered for two minutes")), PATIENCE);
      };
      hear();
      radio.onmessage = ({ data }) => {
        if (data.failed) reject(new Error(data.failed));
        if (data.later) say(`Loading ${data.later.split("-")[0]} (${megabytes(data.bytes)} MB), which a cell needs.`);
        if (session || data.later) return;
        hear();
        if (data.phase === "packages") say("Python starts: its packages are there.");
        if (data.phase === "kernel") say("Python is there, and makes itself ready for cells.");
        if (!data.name) return;
        bytes += data.bytes;
        progress.value = Math.min(bytes / about.bytes, 1);
        if (bytes < about.bytes && performance.now() < told + 1000) return;
        told = performance.now();
        const name = data.name.split("-")[0];
        say(
          bytes < about.bytes
            ? `Loading Python: ${megabytes(bytes)} of ${megabytes(about.bytes)} MB (${name}).`
            : "Python starts: all its files are there.",
        );
      };
    });
    lost.catch(() => {});
    progress.hidden = false;
    progress.value = 0;
    say(`Loading Python: ${megabytes(about.bytes)} MB.`);
    try {
      return await Promise.race([begin(channel, about), lost]);
    } catch (error) {
      radio.close();
      server.sessionManager?.shutdownAll?.().catch(() => {});
      throw error;
    } finally {
      clearTimeout(timer);
      progress.hidden = true;
    }
  };

  const startInPage = (server, rendermime) =>
    pythonStarts(server, async (channel, { files, packages, later }) => {
      const wheel = new URL("thebe-lite/pypi/piplite-0.4.7-py3-none-any.whl", root).href;
      await server.connectToJupyterLiteServer({
        litePluginSettings: {
          "@jupyterlite/pyodide-kernel-extension:kernel": {
            pyodideUrl: new URL("python/start.js", root).href,
            disablePyPIFallback: true,
            pipliteUrls: [],
            pipliteWheelUrl: wheel,
            loadPyodideOptions: {
              // What the kernel would fetch by itself; start.js loads the packages of the book instead.
              packages: ["micropip", "piplite", "ssl", "sqlite3", "ipykernel", "comm", "pyodide_kernel", "ipython"],
              book: { channel, files, packages, later },
            },
          },
        },
      });
      await server.ready;
      const { Worker } = window;
      let worker;
      window.Worker = class extends Worker {
        constructor(...given) {
          super(...given);
          worker = this;
        }
      };
      try {
        const made = await server.startNewSession(rendermime, { path: freshPath(), kernelName: "python" });
        await made.kernel.info;
        interrupts = isolated ? new Uint8Array(new SharedArrayBuffer(1)) : null;
        if (interrupts) worker.postMessage({ interrupts });
        return made;
      } finally {
        window.Worker = Worker;
      }
    });

  // Formulas in outputs are set by the page.
  const registry = (api) => {
    const made = api.makeRenderMimeRegistry({ mathjaxUrl: "of the page", mathjaxConfig: "" });
    made.latexTypesetter = { typeset: (node) => void window.mathematics.setAll(node) };
    made.markdownParser = { render: async (text) => window.marked.parse(text) };
    return made;
  };

  // The widgets of the book are those that come with thebe: nothing has to be fetched to find them.
  const withoutRequire = (manager) =>
    Object.assign(manager._loader, { requested: true, ready: Promise.resolve(null) });

  // A server that a link names gets nothing, not even a token, until it is seen to be one of Jupyter's.
  const check = async () => {
    const root = serverUrl.endsWith("/") ? serverUrl : `${serverUrl}/`;
    const answer = await fetch(new URL("api", root), { credentials: "omit", referrerPolicy: "no-referrer" }).catch(
      () => undefined,
    );
    const told = await answer?.json().catch(() => undefined);
    if (!answer?.ok || typeof told?.version !== "string") {
      throw new Error("no Jupyter server answers there, or it does not allow this page");
    }
  };

  const connect = async () => {
    if (way === "server" && serverUrl !== settings.server) await check();
    const { api, module } = await loaded();
    const { config, failed } = configuration(api);
    const rendermime = registry(api);
    if (way === "page") {
      session = await startInPage(new module.ThebeServer(config), rendermime);
    } else {
      const server = way === "server" ? api.connectToJupyter(config) : api.connectToBinder(config);
      await Promise.race([server.ready, failed]);
      session = await Promise.race([server.startNewSession(rendermime), failed]);
    }
    withoutRequire(session.manager);
    if (!cells.length) {
      const shown = [...document.querySelectorAll("article .cell")]
        .map((box) => ({ box, source: box.querySelector(".cell_input pre") }))
        .filter((cell) => cell.source)
        .map(prepare);
      const unseen = JSON.parse(document.getElementById("live-unseen")?.textContent ?? "[]");
      cells = shown.flatMap((cell, i) => [
        ...unseen.filter(({ above }) => above === i).map(({ source }) => silent(source)),
        cell,
      ]);
    }
    cells.forEach((cell, i) => {
      cell.forget();
      cell.attach?.(new module.ThebeCodeCell(`cell-${started}-${i}`, "page", "", config, {}, rendermime));
    });
  };

  // Code that the page does not show, on which the cells below may rest.
  const silent = (code) => {
    const made = {
      done: false,
      async execute() {
        const { content } = await session.kernel.requestExecute({ code, store_history: false }).done;
        made.fault = content.status === "ok" ? "" : `${content.ename}: ${content.evalue}`;
        return (made.done = !made.fault);
      },
      forget() {
        made.done = false;
      },
    };
    return made;
  };

  const prepare = (cell) => {
    let runner;
    const run = element("button", { type: "button", textContent: "Run" });
    const halt = element("button", { type: "button", textContent: "Stop", hidden: true });
    const reset = element("button", { type: "button", textContent: "Undo edits", hidden: true });
    const state = element("output");
    const live = element("div", { className: "live-output", hidden: true });
    const printed = cell.box.querySelector(".cell_output");
    const original = cell.source.innerHTML;
    cell.box.querySelector(".cell_input").append(
      element("div", { className: "live-tools" }, run, halt, reset, state),
    );
    (printed ?? cell.box.querySelector(".cell_input")).after(live);
    cell.source.contentEditable = "plaintext-only";
    cell.source.classList.add("live-source");
    cell.source.spellcheck = false;
    for (const [name, value] of [["role", "textbox"], ["aria-multiline", "true"], ["aria-label", "Code, Shift+Enter runs it"]]) {
      cell.source.setAttribute(name, value);
    }
    cell.source.addEventListener("input", () => (reset.hidden = false));
    cell.source.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && event.shiftKey) {
        event.preventDefault();
        runUpTo(made);
      } else if (event.key === "Enter") {
        event.preventDefault();
        const selection = getSelection();
        const before = textOf(element("div", {}, rangeUpTo(cell.source, selection).cloneContents()));
        const indent = before.slice(before.lastIndexOf("\n") + 1).match(/^\s*/)[0];
        document.execCommand("insertText", false, `\n${indent}`);
      }
    });
    reset.addEventListener("click", () => {
      cell.source.innerHTML = original;
      reset.hidden = true;
    });
    run.addEventListener("click", () => runUpTo(made));
    halt.addEventListener("click", stop);

    const made = {
      done: false,
      attach(fresh) {
        runner = fresh;
        runner.attachSession(session);
        live.replaceChildren();
        runner.attachToDOM(live);
      },
      async execute() {
        state.textContent = "running";
        stopping = halt.hidden = false;
        if (interrupts) interrupts[0] = 0;
        const now = sitting;
        running = made;
        const result = await runner.execute(textOf(cell.source));
        if (sitting !== now) return false;
        running = null;
        halt.hidden = true;
        state.textContent = result && !result.error ? "done" : stopping ? "interrupted" : "stopped with an error";
        if (!result) return false;
        made.done = !result.error;
        if (printed) printed.hidden = true; // the picture of the page has stood until now
        live.hidden = false;
        dispatchEvent(new Event("resize"));
        return made.done;
      },
      forget() {
        made.done = false;
        state.textContent = "";
        halt.hidden = true;
        live.hidden = true;
        runner?.clear();
        if (printed) printed.hidden = false;
      },
    };
    return made;
  };

  const rangeUpTo = (node, selection) => {
    const range = document.createRange();
    range.setStart(node, 0);
    range.setEnd(selection.focusNode, selection.focusOffset);
    return range;
  };

  // A cell rests on those above it: they run first, if they have not run.
  const runUpTo = (cell) => {
    const upTo = cells.slice(0, cells.indexOf(cell)).filter((other) => !other.done);
    const now = sitting;
    queue = queue.then(async () => {
      for (const one of [...upTo, cell]) {
        if (sitting !== now) return;
        if (one !== cell && one.done) continue;
        const well = await one.execute();
        if (sitting !== now) return;
        if (!well && stopping) {
          say(`The cell was interrupted. What was defined before it is kept; the cells below it have not run. (${place})`);
          return;
        }
        if (!well) {
          const which = one.fault ? `that the page does not show stopped with ${one.fault}` : "stopped with an error";
          say(`A cell ${which}; the cells below it have not run. (${place})`);
          return;
        }
      }
      ready();
    });
    return queue;
  };

  let agreed = false;
  const trusted = () => {
    try {
      return agreed || sessionStorage.getItem(`live-code ${place}`) === "yes";
    } catch {
      return agreed;
    }
  };
  const trust = () => {
    agreed = true;
    try {
      sessionStorage.setItem(`live-code ${place}`, "yes");
    } catch {}
  };

  // Only the reader can say whether a server that stands in a link is theirs to trust; once a visit is enough.
  const confirmed = () =>
    new Promise((resolve) => {
      if (way !== "server" || serverUrl !== asked || trusted()) return resolve(true);
      agree.textContent = `Connect to ${place}`;
      say(
        `The address of this page asks for a Jupyter server at ${new URL(asked).href}. If you connect, the code of the ` +
          "page, and the token if there is one, are sent there, and what the server answers is shown in this page: it " +
          "can say and show anything, but no script of its own runs here. Go on only if you know this server.",
      );
      const answer = (yes) => () => {
        agree.hidden = refuse.hidden = true;
        if (yes) trust();
        resolve(yes);
      };
      agree.onclick = answer(true);
      refuse.onclick = answer(false);
      agree.hidden = refuse.hidden = false;
    });

  const begin = async (chosen = "") => {
    start.disabled = change.disabled = true;
    const again = (text) => {
      start.disabled = change.disabled = false;
      say(text);
    };
    if (way === "server" && wrong && serverUrl === asked) {
      again(`“${asked}” in the address of this page cannot be a Jupyter server: ${wrong}. Nothing was sent.`);
      return;
    }
    const fault = await describe();
    if (way === "page" && fault) {
      ways.open = true;
      again(`Python can't run in this page, because ${fault}. Choose another way below.`);
      return;
    }
    if (!(await confirmed())) {
      again(`Nothing was sent to ${place}.`);
      return;
    }
    if (chosen) remember(chosen);
    ways.open = false;
    if (way === "binder") say(`Starting on ${place}. This can take a minute or two.`);
    if (way === "server") say(`Connecting to ${place}.`);
    try {
      await connect();
    } catch (error) {
      session = null;
      const reason = String(error.message ?? error).replace(/[.\s]+$/, "");
      again(
        way === "page"
          ? `Python did not start in this page: ${reason}. The page is as it was; press Live code to try again, or choose another way.`
          : `Could not connect to ${place}: ${reason}. The page is as it was; press Live code to try again.`,
      );
      return;
    }
    change.disabled = false;
    runAll.hidden = restart.hidden = false;
    ready();
  };

  start.addEventListener("click", async () => {
    document.querySelector("article").prepend(bar);
    start.disabled = true;
    // Where Python is not part of the book, the first press goes to Binder, as long as nothing else was chosen.
    if (way === "page" && !remembered() && location.protocol !== "file:" && (await obstacle())) {
      way = "binder";
      place = placeOf(way);
      ways.querySelector("[value=binder]").checked = true;
    }
    begin();
  });
  const leave = async () => {
    const before = session;
    session = interrupts = running = null;
    sitting += 1;
    queue = Promise.resolve();
    runAll.hidden = restart.hidden = true;
    for (const cell of cells) cell.forget();
    // A kernel that does not answer is left behind.
    await Promise.race([before?.shutdown().catch(() => {}), new Promise((resolve) => setTimeout(resolve, 5000))]);
  };
  // A cell is interrupted where that can be, and at a second press, or elsewhere, Python is started afresh.
  const stop = async () => {
    if (!stopping && (way !== "page" || interrupts)) {
      stopping = true;
      say(`Interrupting the cell. If it goes on, press Stop again to start Python afresh. (${place})`);
      if (interrupts) {
        interrupts[0] = 2;
        return;
      }
      // A kernel that is starting would die of it, and one that has not begun with the cell does not hear it.
      await session.kernel.info;
      const cell = running;
      while (cell && cell === running) {
        await session.kernel.interrupt().catch(() => {});
        await new Promise((resolve) => setTimeout(resolve, 1000));
      }
      return;
    }
    await afresh();
    if (session) {
      say(
        "The cell was stopped, and Python was started afresh: the names that the cells had defined are forgotten. " +
          "Run starts with the cells above.",
      );
    }
  };
  const afresh = async () => {
    // At once, in a new worker or kernel: the old one may be busy for ever.
    await leave();
    await begin();
  };
  change.addEventListener("click", async () => {
    const chosen = ways.querySelector("input:checked").value;
    if (chosen === "server") {
      const typed = serverField.value.trim();
      const fault = faultOf(typed);
      if (fault) {
        say(`“${typed}” cannot be a Jupyter server: ${fault}. Nothing was sent.`);
        return;
      }
      if (typed !== serverUrl || tokenField.value) token = tokenField.value;
      serverUrl = typed;
    }
    await leave();
    way = chosen;
    place = placeOf(way);
    begin(chosen);
  });
  runAll.addEventListener("click", () => {
    for (const cell of cells) cell.done = false;
    runUpTo(cells.at(-1));
  });
  restart.addEventListener("click", async () => {
    if (way === "page") {
      await afresh();
      if (session) say("Restarted: every cell is as it was printed.");
      return;
    }
    queue = queue.then(async () => {
      say("Restarting.");
      await session.restart();
      for (const cell of cells) cell.forget();
      say(`Restarted on ${place}: every cell is as it was printed.`);
    });
  });
});
