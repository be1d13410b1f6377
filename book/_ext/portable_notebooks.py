"""Notebooks that run anywhere: without outputs, and with a first cell that installs the book.

The site carries the wheel of the package of the book, the same bytes in every build. The notebook
that a page offers for download installs that wheel where ``lib`` is missing: from the address of
the site if it is configured, and otherwise from the one that it was downloaded from (``book.js``
writes it in) or from the repository. ``python portable_notebooks.py folder`` writes all chapters.
"""

import base64
import hashlib
import json
import re
import sys
import tomllib
from collections import Counter
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import jupytext
import nbformat
import yaml
from compiled_wheels import write_zip
from finished_pages import is_finished
from sphinx.application import Sphinx

WHEELS = "_static/wheels"
NEEDS = re.compile(r"^\s*(?:from|import) lib\b", re.MULTILINE)
# The script of the site writes its own address behind "BOOK =".
FIRST = """\
# {title}: a page of the book Vanishing Gradients.
# What it needs is installed here, where it is missing.
import sys

BOOK = {address}
try:
    import lib.explore
except ImportError:
    sys.modules.pop("lib", None)
    %pip install --quiet {{BOOK}}"""


def project_of(root: Path) -> dict[str, Any]:
    """Return what pyproject.toml tells of the package."""
    settings: dict[str, Any] = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    return settings


def wheel_name(root: Path) -> str:
    """Return the name of the wheel."""
    project = project_of(root)["project"]
    return f"{project['name'].replace('-', '_')}-{project['version']}-py3-none-any.whl"


def write_wheel(root: Path, folder: Path) -> Path:
    """Write the wheel of the package: the same bytes for the same sources, on every machine.

    Parameters
    ----------
    root : Path
        The folder with ``pyproject.toml`` and the package.
    folder : Path
        Where to put the wheel.
    """
    settings = project_of(root)
    project, data = settings["project"], settings["tool"]["setuptools"]["package-data"]["*"]
    stem = wheel_name(root).removesuffix("-py3-none-any.whl")
    metadata = [
        "Metadata-Version: 2.1",
        f"Name: {project['name']}",
        f"Version: {project['version']}",
        f"Summary: {project['description']}",
        f"License: {project['license']}",
        f"Requires-Python: {project['requires-python']}",
        *(f"Requires-Dist: {one}" for one in project["dependencies"]),
    ]
    kind = ["Wheel-Version: 1.0", "Generator: portable_notebooks", "Root-Is-Purelib: true"]
    kind.append("Tag: py3-none-any")
    files = {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted((root / "lib").rglob("*"))
        if path.is_file() and any(fnmatch(path.name, pattern) for pattern in ("*.py", *data))
    }
    about = f"{stem}.dist-info"
    files[f"{about}/LICENSE"] = (root / "LICENSE").read_bytes()
    files[f"{about}/METADATA"] = ("\n".join(metadata) + "\n").encode()
    files[f"{about}/WHEEL"] = ("\n".join(kind) + "\n").encode()
    recorded = {**files, f"{about}/RECORD": b""}
    record = ""
    for name in sorted(recorded):
        digest = base64.urlsafe_b64encode(hashlib.sha256(recorded[name]).digest()).decode()
        told = f"sha256={digest.rstrip('=')},{len(recorded[name])}" if name in files else ","
        record += f"{name},{told}\n"
    folder.mkdir(parents=True, exist_ok=True)
    wheel = folder / wheel_name(root)
    write_zip(wheel, {**files, f"{about}/RECORD": record.encode()})
    return wheel


def address_of(root: Path, site: str, repository: str) -> str:
    """Return what pip can install the package from, or nothing."""
    if site:
        return f"{site.rstrip('/')}/{WHEELS}/{wheel_name(root)}"
    return f"git+{repository}" if repository else ""


def title_of(notebook: Any) -> str:
    """Return the title of a notebook, on one line."""
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and (found := re.search(r"^# (.+)$", cell.source, re.M)):
            return found[1].strip()
    return "A page"


def make_portable(notebook: Any, address: str) -> None:
    """Remove all outputs, name the cells by what stands in them, and begin with what is needed.

    Parameters
    ----------
    notebook : NotebookNode
        It is changed.
    address : str
        What the package is installed from.
    """
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for cell in code:
        cell.outputs, cell.execution_count = [], None
        cell.metadata.pop("execution", None)
    if any(NEEDS.search(cell.source) for cell in code):
        source = FIRST.format(title=title_of(notebook), address=json.dumps(address))
        hidden = {"jupyter": {"source_hidden": True}, "tags": ["book"]}
        first: dict[str, Any] = {"cell_type": "code", "metadata": hidden, "source": source}
        first |= {"outputs": [], "execution_count": None}
        notebook.cells.insert(0, nbformat.from_dict(first))  # type: ignore[no-untyped-call]
    seen: Counter[str] = Counter()
    for cell in notebook.cells:
        digest = hashlib.sha256(f"{cell.cell_type}\n{cell.source}".encode()).hexdigest()[:12]
        seen[digest] += 1
        cell.id = digest if seen[digest] == 1 else f"{digest}-{seen[digest]}"


def write(notebook: Any, path: Path) -> None:
    """Write a notebook."""
    text = nbformat.writes(notebook)  # type: ignore[no-untyped-call]
    path.write_text(text, encoding="utf-8")


def tidy_download(app: Sphinx, doctree: Any) -> None:
    """Rewrite the notebook that MyST-NB has written of the page just read."""
    path = Path(app.outdir).parent / "jupyter_execute" / f"{app.env.docname}.ipynb"
    if not path.is_file():
        return
    notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    repository, address = app.config.html_theme_options.get("repository_url", ""), ""
    if (Path(app.srcdir) / "pyproject.toml").is_file():
        address = address_of(Path(app.srcdir), app.config.html_baseurl, repository)
    make_portable(notebook, address)
    write(notebook, path)


def add_wheel(app: Sphinx, exception: Exception | None) -> None:
    """Put the wheel among the files of the site."""
    root = Path(app.srcdir)
    if is_finished(app, exception) and (root / "pyproject.toml").is_file():
        write_wheel(root, Path(app.outdir) / WHEELS)


def elsewhere(repository: str, page: str) -> dict[str, str]:
    """Return where a notebook opens: from the branch that each release renews."""
    if not repository.startswith("https://github.com/"):
        return {}
    place = repository.removeprefix("https://github.com/").strip("/")
    file = f"{place}/blob/notebooks/{page.rpartition('/')[2]}.ipynb"
    return {
        "Colab": f"https://colab.research.google.com/github/{file}",
        "Kaggle": f"https://kaggle.com/kernels/welcome?src=https://github.com/{file}",
    }


def add_buttons(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    """Add to the rocket what opens the notebook elsewhere, and tell where the wheel is."""
    root = Path(app.srcdir)
    if not context.get("ipynb_source") or not (root / "pyproject.toml").is_file():
        return
    context["metatags"] += f'<meta name="wheel" content="{WHEELS}/{wheel_name(root)}">\n'
    repository = app.config.html_theme_options.get("repository_url", "")
    for group in context.get("header_buttons", ()):
        if group.get("label") == "launch-buttons":
            group["buttons"] += [
                {"type": "link", "text": name, "tooltip": f"Open in {name}", "url": url,
                 "icon": "fas fa-up-right-from-square"}
                for name, url in elsewhere(repository, pagename).items()
            ]  # fmt: skip


def write_all(root: Path, folder: Path) -> None:
    """Write all chapters as notebooks that run anywhere."""
    config = yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))
    repository = config.get("repository", {}).get("url", "")
    address = address_of(root, config.get("html", {}).get("baseurl", ""), repository)
    folder.mkdir(parents=True, exist_ok=True)
    for page in sorted((root / "book").glob("*.md")):
        notebook = jupytext.read(page, fmt="md:myst")
        make_portable(notebook, address)
        write(notebook, folder / f"{page.stem}.ipynb")


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect to the events of Sphinx."""
    app.connect("doctree-read", tidy_download)
    app.connect("html-page-context", add_buttons, priority=900)  # after the theme's own
    app.connect("build-finished", add_wheel)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}


if __name__ == "__main__":
    write_all(Path(__file__).resolve().parents[2], Path(sys.argv[1]))
