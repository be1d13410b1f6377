"""Run a chapter again exactly when something that its results depend on has changed.

The cache that comes with MyST-NB knows a chapter by its cells alone, so that a change in the
package or in the pinned versions would leave old results on the page. Here every chapter has a
cache of its own, in a folder named by a fingerprint of all that its results rest on: the modules
of ``lib`` that it imports, directly or not, the data files that these read, the pinned versions and
the Python that runs. Another fingerprint is another, empty cache.

A chapter whose cells complain on stderr keeps no cache. ``VANISHING_GRADIENTS_AFRESH`` names a
chapter that runs again whatever its cache says.

While the book is built, ``VANISHING_GRADIENTS_STATIC`` is set for the kernels: an explorer then
computes all its frames. The kernels see no settings of the user, and need no home that can be
written.
"""

import ast
import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import nbformat
from clean_outputs import writes_to_stderr
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError

CODE_CELL = re.compile(r"^(`{3,})\{code-cell\}[^\n]*\n(.*?)^\1\s*$", re.MULTILINE | re.DOTALL)
CELL_OPTIONS = re.compile(r"\A(?:---\n.*?^---\n|(?::[^\n]*\n)+)", re.MULTILINE | re.DOTALL)


def imported_names(source: str, package: str = "") -> Iterator[str]:
    """Yield the dotted names that source code imports, relative ones resolved in `package`."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1]
            parts = (above if node.level else []) + ([node.module] if node.module else [])
            base = ".".join(parts)
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)


def modules_of(library: Path) -> dict[str, Path]:
    """Map the dotted name of every module of a package to its file."""
    names = {}
    for path in sorted(library.rglob("*.py")):
        parts = path.relative_to(library.parent).with_suffix("").parts
        names[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return names


def with_parents(name: str) -> Iterator[str]:
    """Yield a dotted name and those of the packages around it, whose ``__init__`` runs as well."""
    while name:
        yield name
        name = name.rpartition(".")[0]


def modules_behind(names: Iterable[str], modules: dict[str, Path]) -> set[str]:
    """Follow imports from `names` and return every module of `modules` that is reached."""
    reached: set[str] = set()
    waiting = [module for name in names for module in with_parents(name) if module in modules]
    while waiting:
        module = waiting.pop()
        if module in reached:
            continue
        reached.add(module)
        path = modules[module]
        package = module if path.name == "__init__.py" else module.rpartition(".")[0]
        for name in imported_names(path.read_text(encoding="utf-8"), package):
            waiting.extend(parent for parent in with_parents(name) if parent in modules)
    return reached


def cells_of(chapter: str) -> list[str]:
    """Return the source of the code cells of a MyST Markdown notebook."""
    return [CELL_OPTIONS.sub("", cell) for _, cell in CODE_CELL.findall(chapter)]


def literals(source: str) -> Iterator[str]:
    """Yield the string literals of source code."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def library_files(chapter: str, library: Path) -> list[Path]:
    """Return the files of the package that the results of a chapter rest on.

    A chapter with a cell that is not plain Python (a magic command, say) counts as one that
    imports everything. A data file beside a module of the same name, as ``dying.npz`` beside
    ``dying.py``, counts where that module is imported or its name stands in quotes, as in
    ``load("dying")``; any other data file counts always.
    """
    modules = modules_of(library)
    cells = cells_of(chapter)
    try:
        names = {name for cell in cells for name in imported_names(cell)}
        reached = modules_behind(names, modules)
        sources = [*cells, *(modules[name].read_text(encoding="utf-8") for name in reached)]
        named = {text for source in sources for text in literals(source)}
    except SyntaxError:
        reached, named = set(modules), {path.stem for path in modules.values()}
    files = {modules[name] for name in reached}
    owners = set(modules.values())
    data = [
        path
        for path in library.rglob("*")
        if path.is_file() and path.suffix not in {".py", ".pyc"} and "__pycache__" not in path.parts
        if (owner := path.with_suffix(".py")) not in owners or owner in files or path.stem in named
    ]
    return sorted([*files, *data])


def fingerprint(chapter: str, root: Path) -> str:
    """Return 16 hexadecimal digits for everything outside its cells that a chapter rests on.

    Parameters
    ----------
    chapter : str
        The text of the chapter.
    root : Path
        The folder that holds ``lib`` and ``requirements.txt``.
    """
    digest = hashlib.sha256(platform.python_version().encode())
    digest.update(Path(__file__).with_name("clean_outputs.py").read_bytes())
    for path in [*library_files(chapter, root / "lib"), root / "requirements.txt"]:
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"{path.relative_to(root).as_posix()}={content}\n".encode())
    return digest.hexdigest()[:16]


def fingerprint_of(app: Sphinx, docname: str) -> str:
    """Return the fingerprint of a document as it stands on the disk now."""
    text = Path(app.env.doc2path(docname)).read_text(encoding="utf-8")
    return fingerprint(text, Path(app.srcdir))


def cache_of(app: Sphinx, docname: str, text: str) -> Path:
    """Return the folder with the cache of a document with this text."""
    mark = fingerprint(text, Path(app.srcdir))
    return caches(app) / f"{docname.replace('/', '.')}-{mark}"


def fingerprints(env: BuildEnvironment) -> dict[str, str]:
    """Return what is kept between builds: the fingerprint each document was last read with."""
    # Sphinx pickles what hangs on the environment.
    kept: dict[str, str] = env.__dict__.setdefault("fresh_execution", {})
    return kept


def caches(app: Sphinx) -> Path:
    """Return the folder with the caches of all chapters."""
    return Path(app.outdir).parent / ".executed"


def announce_static_build(app: Sphinx) -> None:
    """Tell the kernels, which inherit the environment, that they feed the built HTML."""
    os.environ["VANISHING_GRADIENTS_STATIC"] = "1"
    # "python3" is the kernel of this environment, whatever kernels the user has installed.
    os.environ.setdefault("JUPYTER_PREFER_ENV_PATH", "1")
    leave_the_user_out(Path(app.outdir).parent)


def leave_the_user_out(build: Path) -> None:
    """Give Jupyter, IPython and matplotlib folders in the build, instead of those of the user."""
    for name in ("PYTHONWARNINGS", "MPLBACKEND", "JUPYTER_CONFIG_PATH"):
        os.environ.pop(name, None)
    folders = {
        "IPYTHONDIR": "ipython", "JUPYTER_CONFIG_DIR": "jupyter", "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTER_DATA_DIR": "data", "MPLCONFIGDIR": "matplotlib",
    }  # fmt: skip
    for name, folder in folders.items():
        path = build / ".settings" / folder
        path.mkdir(parents=True, exist_ok=True)
        os.environ[name] = str(path)
    fonts = build / ".settings" / "matplotlib"
    (fonts / "matplotlibrc").touch()
    os.environ["MATPLOTLIBRC"] = str(fonts / "matplotlibrc")
    if not any(fonts.glob("fontlist-*.json")):
        # Here and once, not in the middle of a chapter.
        scan = [sys.executable, "-c", "import matplotlib.font_manager"]
        subprocess.run(scan, check=False, capture_output=True)


def outdated_documents(
    app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]
) -> list[str]:
    """Name the documents that were last read with another fingerprint."""
    known = env.found_docs - added - removed
    afresh = os.environ.get("VANISHING_GRADIENTS_AFRESH", "")
    if afresh:
        wanted = {name for name in env.found_docs if afresh in (name, name.rpartition("/")[2])}
        if not wanted:
            raise ExtensionError(f"there is no chapter {afresh!r} to execute afresh")
        for name in wanted:
            for folder in caches(app).glob(f"{name.replace('/', '.')}-*"):
                shutil.rmtree(folder)
            fingerprints(env).pop(name, None)
    return [name for name in known if fingerprints(env).get(name) != fingerprint_of(app, name)]


def choose_cache(app: Sphinx, docname: str, source: list[str]) -> None:
    """Point MyST-NB at the cache of the document that it is about to read."""
    folder = cache_of(app, docname, source[0])
    fingerprints(app.env)[docname] = folder.name.rpartition("-")[2]
    config: Any = app.env.mystnb_config  # type: ignore[attr-defined]  # set by MyST-NB
    app.env.mystnb_config = config.copy(execution_cache_path=str(folder))  # type: ignore[attr-defined]


def remove_old_caches(app: Sphinx, exception: Exception | None) -> None:
    """Delete the caches of cells that complained, and those that no document uses any more."""
    if not caches(app).is_dir():
        return
    for stored in caches(app).rglob("*.ipynb"):
        notebook = nbformat.read(stored, as_version=4)  # type: ignore[no-untyped-call]
        if writes_to_stderr(notebook):
            shutil.rmtree(caches(app) / stored.relative_to(caches(app)).parts[0])
    if exception is not None:
        return
    used = {f"{name.replace('/', '.')}-{mark}" for name, mark in fingerprints(app.env).items()}
    for folder in caches(app).iterdir():
        if folder.name not in used:
            shutil.rmtree(folder)


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect to the events of Sphinx."""
    app.connect("builder-inited", announce_static_build)
    app.connect("env-get-outdated", outdated_documents)
    app.connect("source-read", choose_cache)
    app.connect("env-purge-doc", lambda app, env, docname: fingerprints(env).pop(docname, None))
    app.connect("build-finished", remove_old_caches)
    # One document after the other: the cache is chosen on the environment that all share.
    return {"version": "1", "parallel_read_safe": False, "parallel_write_safe": True}
