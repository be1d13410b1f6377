"""Keep out of the pages what a run leaves behind that no reader needs and no two runs share.

Before the outputs of a chapter are cached: messages of libraries about their own set-up, views and
state of widgets (a built page has no kernel to move them), and addresses in memory. In the notebook
that a page offers for download: random ids of cells, and it says first what it needs.
"""

import hashlib
import re
from collections import Counter
from pathlib import Path
from typing import Any

import nbformat
from myst_nb.core.execute import cache
from sphinx.application import Sphinx

from lib._files import replacing

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
ADDRESS = re.compile(r" at 0x[0-9a-f]{6,}")
# What a library says once on a machine, or on a machine of a certain kind, and not about its use.
TRANSIENT = re.compile(
    r"^(?:Matplotlib is building the font cache; this may take a moment\."
    r"|Matplotlib created a temporary cache directory at .*"
    r"|mkdir -p failed for path .*"
    r"|Fontconfig (?:warning|error): .*"
    r"|IPython dir '.*' is not a writable location, using a temp directory\.)\n?",
    re.MULTILINE,
)


def clean_stream(text: str) -> str:
    """Return what a cell wrote to stderr without transient messages."""
    return TRANSIENT.sub("", text)


def clean(notebook: Any) -> None:
    """Clean the outputs of a notebook that was executed, in place."""
    notebook.metadata.pop("widgets", None)
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        cell.metadata.pop("execution", None)
        kept = []
        for output in cell.outputs:
            if output.output_type == "stream" and output.name == "stderr":
                output.text = clean_stream(output.text)
                if not output.text.strip():
                    continue
            data = output.get("data", {})
            if WIDGET_VIEW in data:
                continue
            if "text/plain" in data:
                data["text/plain"] = ADDRESS.sub("", data["text/plain"])
            kept.append(output)
        cell.outputs = kept


def writes_to_stderr(notebook: Any) -> bool:
    """Tell whether a cell complained."""
    return any(
        output.get("name") == "stderr"
        for cell in notebook.cells
        for output in cell.get("outputs", ())
    )


def execute_and_clean(notebook: Any, **options: Any) -> Any:
    """Execute a notebook as MyST-NB does, and clean it before it is cached."""
    result = _execute(notebook, **options)
    clean(notebook)
    return result


_execute = cache.single_nb_execution


def name_cells(notebook: Any) -> None:
    """Give each cell an id that follows from what stands in it."""
    seen: Counter[str] = Counter()
    for cell in notebook.cells:
        digest = hashlib.sha256(f"{cell.cell_type}\n{cell.source}".encode()).hexdigest()[:12]
        seen[digest] += 1
        cell.id = digest if seen[digest] == 1 else f"{digest}-{seen[digest]}"


def introduce(notebook: Any, repository: str) -> None:
    """Say in the first cell what the notebook needs, if it needs the package of the book."""
    needs = re.compile(r"^\s*(?:from|import) lib\b", re.MULTILINE)
    if not any(cell.cell_type == "code" and needs.search(cell.source) for cell in notebook.cells):
        return
    text = (
        "This notebook is a page of a book, and its cells import `lib`, the package of the book. "
        "Open it in a copy of the [repository]({0}), or install the package first:\n\n"
        "```\npip install ipywidgets git+{0}\n```"
    )
    first = nbformat.from_dict(  # type: ignore[no-untyped-call]
        {"cell_type": "markdown", "metadata": {}, "source": text.format(repository)}
    )
    notebook.cells.insert(0, first)


def tidy_download(app: Sphinx, doctree: Any) -> None:
    """Rewrite the notebook that MyST-NB has written of the page just read."""
    folder = Path(app.outdir).parent / "jupyter_execute"
    path = folder / f"{app.env.docname}.ipynb"
    if not path.is_file():
        return
    notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    introduce(notebook, app.config.html_theme_options.get("repository_url", ""))
    name_cells(notebook)
    with replacing(path) as opened:
        opened.write(nbformat.writes(notebook).encode("utf-8"))  # type: ignore[no-untyped-call]


def setup(app: Sphinx) -> dict[str, Any]:
    """Stand between MyST-NB and its cache, and connect to the events of Sphinx."""
    cache.single_nb_execution = execute_and_clean
    app.connect("doctree-read", tidy_download)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
