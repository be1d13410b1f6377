"""Tell the pages with code where their cells can run: on Binder, or on a Jupyter server.

Cells below may rest on those that a page does not show, so it brings their code along.
"""

import json
from html import escape
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

import jupytext
from sphinx.application import Sphinx
from sphinx.errors import ConfigError, ExtensionError

REMOVED = {"remove-cell", "remove-input"}


def settings_of(config: Any, pagename: str) -> dict[str, str]:
    """Return what `live-code.js` reads from the page.

    Raises
    ------
    ConfigError
        If the address of the server is not one of http or https.
    """
    theme = config.html_theme_options
    server = config.live_code_server
    if server and urlsplit(server).scheme not in ("http", "https"):
        raise ConfigError(f"live_code_server must be an http(s) address or empty; got {server!r}")
    return {
        "binder": theme.get("launch_buttons", {}).get("binderhub_url", ""),
        "repository": theme.get("repository_url", ""),
        "branch": theme.get("repository_branch", "HEAD"),
        "server": server,
        "notebook": str(PurePosixPath(pagename).with_suffix(".ipynb")),
    }


def unseen_cells(chapter: str) -> tuple[list[dict[str, Any]], int]:
    """Find the code that a page does not show.

    Parameters
    ----------
    chapter : str
        A MyST Markdown notebook.

    Returns
    -------
    unseen : list of dict
        The source of each such cell, and how many shown cells are above it; none below the last.
    shown : int
        The number of code cells that are shown.
    """
    unseen, shown = [], 0
    for cell in jupytext.reads(chapter, fmt="md:myst").cells:
        if cell.cell_type != "code":
            continue
        if REMOVED & set(cell.metadata.get("tags", [])):
            unseen.append({"source": cell.source, "above": shown})
        else:
            shown += 1
    return [cell for cell in unseen if cell["above"] < shown], shown


def describe(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: object
) -> None:
    """Add the settings to a page that has cells, and the script that reads them.

    Raises
    ------
    ExtensionError
        If the page shows another number of cells than its source: they would run out of order.
    """
    body = context.get("body", "")
    if "cell_input" not in body:
        return
    unseen, shown = unseen_cells(Path(app.env.doc2path(pagename)).read_text(encoding="utf-8"))
    found = body.count('class="cell_input')
    if found != shown:
        raise ExtensionError(f"{pagename} shows {found} code cells, and its source has {shown}")
    settings = settings_of(app.config, pagename)
    data = " ".join(f'data-{name}="{escape(value)}"' for name, value in settings.items())
    context["metatags"] += f'<meta name="live-code" content="" {data}>\n'
    if unseen:
        code = json.dumps(unseen).replace("</", r"<\/")
        context["metatags"] += f'<script type="application/json" id="live-unseen">{code}</script>\n'
    app.add_js_file("live-code.js")
    app.add_css_file("live-code.css")


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect to the events of Sphinx."""
    app.add_config_value("live_code_server", "", "html", str)
    app.connect("html-page-context", describe)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
