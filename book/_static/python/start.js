// Runs in the worker of the kernel, in the place of pyodide.js: tells the page how far the files are, keeps them in the
// browser's cache under their sha256, and fetches SciPy when a cell first needs it.
const here = new URL("../python/", location.href);
importScripts(new URL("pyodide.js", here).href);

const PREPARE = `
import importlib, importlib.machinery, logging, os, sys, zipfile
from io import BytesIO

logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)  # it tells that it looks for fonts

from tqdm import tqdm
tqdm.monitor_interval = 0  # a thread, and there are none


class OnDemand:
    """Fetch SciPy when a module first imports it."""

    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if name != "scipy":
            return None
        found = importlib.machinery.PathFinder.find_spec(name, path, target)
        if found is None:
            import ctypes
            import site

            from js import fetchNow

            for file in fetchNow.names:
                archive = zipfile.ZipFile(BytesIO(fetchNow(file).to_bytes()))
                if file.endswith(".whl"):
                    archive.extractall(site.getsitepackages()[0])
                    continue
                archive.extractall("/usr/lib")
                for library in archive.namelist():
                    if library.endswith(".so"):
                        ctypes.CDLL(f"/usr/lib/{library}", mode=ctypes.RTLD_GLOBAL)
                        fetchNow.alias(library, f"/usr/lib/{library}")
            importlib.invalidate_caches()
            found = importlib.machinery.PathFinder.find_spec(name, path, target)
        return found


sys.meta_path.insert(0, OnDemand)
`;

const start = self.loadPyodide;
const download = self.fetch;

self.loadPyodide = async ({ book, ...options }) => {
  const channel = new BroadcastChannel(book.channel);
  const tell = (message) => channel.postMessage(message);
  // The line of a traceback that names the error.
  const told = (error) => {
    const lines = String(error?.message ?? error).trim().split("\n");
    return lines.findLast((line) => /^\w+(\.\w+)*(Error|Exception)\b/.test(line)) ?? lines.at(-1);
  };
  const known = (address) => {
    const url = new URL(address, here);
    const name = url.pathname.split("/").pop();
    return url.href === new URL(name, here).href && book.files[name] ? name : undefined;
  };
  // Browsers keep a cache for pages that came over https, or from this machine.
  const kept = await self.caches?.open("live-code").catch(() => undefined);
  const keyOf = (name) => new URL(`${name}?sha256=${book.files[name].sha256}`, here).href;

  // Count the bytes on their way.
  const counted = (answer, name) =>
    new Response(
      answer.body.pipeThrough(
        new TransformStream({
          transform(chunk, controller) {
            tell({ name, bytes: chunk.byteLength });
            controller.enqueue(chunk);
          },
        }),
      ),
      { headers: { "Content-Type": name.endsWith(".wasm") ? "application/wasm" : "application/octet-stream" } },
    );

  self.fetch = async (address, init) => {
    const name = known(address?.url ?? address);
    if (!name) return download(address, init);
    const before = await kept?.match(keyOf(name));
    if (before) return counted(before, name);
    const answer = await download(address, init);
    if (!answer.ok) return answer;
    if (!kept) return counted(answer, name);
    const [used, stored] = [answer.clone(), answer];
    kept.put(keyOf(name), stored).catch(() => {}); // no space: then it is fetched again the next time
    return counted(used, name);
  };

  self.fetchNow = (name) => {
    tell({ later: name, bytes: book.files[name].bytes });
    const request = new XMLHttpRequest();
    request.open("GET", new URL(name, here).href, false);
    request.responseType = "arraybuffer";
    request.send();
    if (request.status !== 200) throw new Error(`${name} does not come`);
    return new Uint8Array(request.response);
  };
  self.fetchNow.names = book.later;

  // What an earlier edition of the book left behind.
  const wanted = new Set(Object.keys(book.files).map(keyOf));
  kept
    ?.keys()
    .then((keys) => keys.filter(({ url }) => url.startsWith(here.href) && !wanted.has(url)).map((key) => kept.delete(key)))
    .catch(() => {});

  try {
    const pyodide = await start({ ...options, packages: book.packages });
    tell({ phase: "packages" });
    // Modules ask for the libraries that they rest on by their names alone.
    self.fetchNow.alias = (name, path) => {
      const { loadedLibsByName } = pyodide._module.LDSO;
      loadedLibsByName[name] = loadedLibsByName[path];
    };
    pyodide.runPython(PREPARE);
    // Comes where the host isolates the page, and lets the reader interrupt a cell.
    self.addEventListener("message", ({ data }) => data?.interrupts && pyodide.setInterruptBuffer(data.interrupts));
    tell({ phase: "kernel" });
    // What the kernel runs next to make itself ready would fail without a word.
    const run = pyodide.runPythonAsync;
    pyodide.runPythonAsync = (...code) =>
      run.apply(pyodide, code).catch((error) => {
        tell({ failed: told(error) });
        throw error;
      });
    return pyodide;
  } catch (error) {
    tell({ failed: told(error) });
    throw error;
  }
};
