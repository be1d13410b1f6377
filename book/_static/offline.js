// The pages that a reader has visited are kept, so that they open without a network, too; and the book can be installed.
// Not on the reader's own machine, where the next project may be served at the same address, and not from files.
(() => {
  "use strict";
  const workers = navigator.serviceWorker;
  const own = ["localhost", "127.0.0.1", "[::1]"].includes(location.hostname);
  if (!workers || !/^https?:$/.test(location.protocol) || (own && !localStorage.getItem("keep-pages"))) return;
  const root = new URL(document.documentElement.dataset.content_root, location.href);
  const manifest = document.createElement("link");
  manifest.rel = "manifest";
  manifest.href = new URL("manifest.webmanifest", root).href;
  document.head.append(manifest);
  addEventListener("load", async () => {
    try {
      await workers.register(new URL("worker.js", root));
      const { active } = await workers.ready;
      // This page came before its keeper did.
      if (!workers.controller) active.postMessage({ keep: location.href });
    } catch {
      // A browser may forbid it: the book is then read as before.
    }
  });
})();
