// Live code: once the reader presses the button, the cells of the page can be edited, and run on a Jupyter server.
// Nothing is loaded or asked for before that. The server is the one in the page's address (?jupyter=...&token=...), or
// the one in _config.yml, or else Binder.
addEventListener("DOMContentLoaded", () => {
  // What is wrong with an address that a link has brought, in words; nothing for one that can be a server's.
  const faultOf = (text) => {
    let url;
    try {
      url = new URL(text);
    } catch {
      return "it must begin with http:// or https://";
    }
    if (!["http:", "https:"].includes(url.protocol)) return "it must begin with http:// or https://";
    if (url.username || url.password) return "it must not hold a name or a password";
    return "";
  };

  const settings = document.querySelector("meta[name='live-code']")?.dataset;
  const header = document.querySelector(".article-header-buttons");
  if (!settings || !header) return;

  const assets = new URL("thebe/", document.querySelector("script[src*='live-code.js']").src);
  const address = new URLSearchParams(location.search);
  const asked = address.get("jupyter");
  const wrong = asked ? faultOf(asked) : "";
  const serverUrl = asked || settings.server;
  const place = wrong ? asked : new URL(serverUrl || settings.binder).host;

  const element = (tag, properties = {}, ...children) => {
    const made = Object.assign(document.createElement(tag), properties);
    made.append(...children);
    return made;
  };

  const start = element("button", {
    type: "button",
    className: "btn btn-sm live-start",
    title: wrong ? "Run and edit the code on this page" : `Run and edit the code on this page (on ${place})`,
    textContent: "Live code",
  });
  header.prepend(start);

  const status = element("p", { role: "status" });
  status.setAttribute("role", "status");
  const runAll = element("button", { type: "button", textContent: "Run all", hidden: true });
  const restart = element("button", { type: "button", textContent: "Restart", hidden: true });
  const agree = element("button", { type: "button", textContent: `Connect to ${place}`, hidden: true });
  const refuse = element("button", { type: "button", textContent: "Cancel", hidden: true });
  const bar = element("div", { className: "live-bar" }, status, agree, refuse, runAll, restart);
  const say = (text) => (status.textContent = text);

  // Browsers write a new line of an edited text as a character or as an element.
  const textOf = (node) => {
    const copy = node.cloneNode(true);
    for (const line of copy.querySelectorAll("br")) line.replaceWith("\n");
    return copy.textContent;
  };

  let cells = [];
  let session = null;
  let queue = Promise.resolve(); // one thing after the other, as in a notebook

  const loaded = () =>
    window.thebeCore ??
    new Promise((resolve, reject) => {
      const sheet = new URL("thebe-core.css", assets);
      // In a layer of its own, what the widgets bring cannot restyle the page.
      document.head.append(element("style", { textContent: `@import url("${sheet}") layer(thebe);` }));
      const script = element("script", { src: new URL("thebe-core.min.js", assets).href });
      script.onload = () => resolve(window.thebeCore);
      script.onerror = () => reject(new Error("the script of the book did not load"));
      document.head.append(script);
    });

  const configuration = (api) => {
    const events = api.makeEvents();
    const options = { kernelOptions: { path: `/${settings.notebook}`, kernelName: "python3" } };
    if (serverUrl) {
      options.serverSettings = { baseUrl: serverUrl, appendToken: true, token: address.get("token") ?? "" };
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

  // Formulas in outputs are set by the MathJax of the page.
  const registry = (api) => {
    const made = api.makeRenderMimeRegistry({ mathjaxUrl: "of the page", mathjaxConfig: "" });
    made.latexTypesetter = { typeset: (node) => void window.MathJax?.typesetPromise?.([node]) };
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
    if (asked) await check();
    const { api } = await loaded();
    const { config, failed } = configuration(api);
    const server = serverUrl ? api.connectToJupyter(config) : api.connectToBinder(config);
    const rendermime = registry(api);
    await Promise.race([server.ready, failed]);
    session = await Promise.race([server.startNewSession(rendermime), failed]);
    withoutRequire(session.manager);
    const shown = [...document.querySelectorAll("article .cell")]
      .map((box) => ({ box, source: box.querySelector(".cell_input pre") }))
      .filter((cell) => cell.source)
      .map((cell, i) => prepare(cell, new window.thebeCore.module.ThebeCodeCell(
        `cell-${i}`, "page", cell.source.textContent, config, {}, rendermime,
      )));
    const unseen = JSON.parse(document.getElementById("live-unseen")?.textContent ?? "[]");
    cells = shown.flatMap((cell, i) => [
      ...unseen.filter(({ above }) => above === i).map(({ source }) => silent(source)),
      cell,
    ]);
  };

  // Code that the page does not show, on which the cells below may rest.
  const silent = (code) => {
    const made = {
      done: false,
      async execute() {
        const { content } = await session.kernel.requestExecute({ code, store_history: false }).done;
        return (made.done = content.status === "ok");
      },
      forget() {
        made.done = false;
      },
    };
    return made;
  };

  const prepare = (cell, runner) => {
    runner.attachSession(session);
    const run = element("button", { type: "button", textContent: "Run" });
    const reset = element("button", { type: "button", textContent: "Undo edits", hidden: true });
    const state = element("output");
    const live = element("div", { className: "live-output tex2jax_process mathjax_process", hidden: true });
    const printed = cell.box.querySelector(".cell_output");
    const original = cell.source.innerHTML;
    cell.box.querySelector(".cell_input").append(
      element("div", { className: "live-tools" }, run, reset, state),
    );
    (printed ?? cell.box.querySelector(".cell_input")).after(live);
    runner.attachToDOM(live);

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

    const made = {
      done: false,
      async execute() {
        state.textContent = "running";
        const result = await runner.execute(textOf(cell.source));
        state.textContent = result && !result.error ? "done" : "stopped with an error";
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
        live.hidden = true;
        runner.clear();
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
    queue = queue.then(async () => {
      for (const one of [...upTo, cell]) {
        if (one !== cell && one.done) continue;
        if (!(await one.execute())) {
          say(`A cell stopped with an error; the cells below it have not run. (${place})`);
          return;
        }
      }
      say(`Connected to ${place}. Edit a cell, then press Run or Shift+Enter.`);
    });
    return queue;
  };

  // Only the reader can say whether a server that stands in a link is theirs to trust; once a visit is enough.
  const trusted = `live-code ${place}`;
  const confirmed = () =>
    new Promise((resolve) => {
      if (!asked || sessionStorage.getItem(trusted)) return resolve(true);
      say(
        `The address of this page asks for a Jupyter server at ${serverUrl}. The code of the page, and the token if ` +
          "there is one, would be sent there. Go on only if you know this server.",
      );
      const answer = (yes) => () => {
        agree.hidden = refuse.hidden = true;
        if (yes) sessionStorage.setItem(trusted, "yes");
        resolve(yes);
      };
      agree.onclick = answer(true);
      refuse.onclick = answer(false);
      agree.hidden = refuse.hidden = false;
    });

  start.addEventListener("click", async () => {
    start.disabled = true;
    document.querySelector("article").prepend(bar);
    if (wrong) {
      start.disabled = false;
      say(`“${asked}” in the address of this page cannot be a Jupyter server: ${wrong}. Nothing was sent.`);
      return;
    }
    if (!(await confirmed())) {
      start.disabled = false;
      say(`Nothing was sent to ${place}.`);
      return;
    }
    say(serverUrl ? `Connecting to ${place}.` : `Starting on ${place}. This can take a minute or two.`);
    try {
      await connect();
    } catch (error) {
      session = null;
      start.disabled = false;
      say(`Could not connect to ${place}: ${error.message ?? error}. The page is as it was; press Live code to try again.`);
      return;
    }
    runAll.hidden = restart.hidden = false;
    say(`Connected to ${place}. Edit a cell, then press Run or Shift+Enter.`);
  });
  runAll.addEventListener("click", () => {
    for (const cell of cells) cell.done = false;
    runUpTo(cells.at(-1));
  });
  restart.addEventListener("click", () => {
    queue = queue.then(async () => {
      say("Restarting.");
      await session.restart();
      for (const cell of cells) cell.forget();
      say(`Restarted on ${place}: every cell is as it was printed.`);
    });
  });
});
