"""Keep out of the pages what a run leaves behind that no reader needs and no two runs share.

Before the outputs of a chapter are cached: messages of libraries about their own set-up, views and
state of widgets (a built page has no kernel to move them), and addresses in memory.
"""

import re
from typing import Any

from myst_nb.core.execute import cache
from sphinx.application import Sphinx

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


def setup(app: Sphinx) -> dict[str, Any]:
    """Stand between MyST-NB and its cache."""
    cache.single_nb_execution = execute_and_clean
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
