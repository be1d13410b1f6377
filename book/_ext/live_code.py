"""Tell the pages with code where their cells can run: on Binder, or on a Jupyter server."""

from html import escape
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from sphinx.application import Sphinx
from sphinx.errors import ConfigError


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


def describe(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: object
) -> None:
    """Add the settings to a page that has cells, and the script that reads them."""
    if "cell_input" not in context.get("body", ""):
        return
    settings = settings_of(app.config, pagename)
    data = " ".join(f'data-{name}="{escape(value)}"' for name, value in settings.items())
    context["metatags"] += f'<meta name="live-code" content="" {data}>\n'
    app.add_js_file("live-code.js")
    app.add_css_file("live-code.css")


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect to the events of Sphinx."""
    app.add_config_value("live_code_server", "", "html", str)
    app.connect("html-page-context", describe)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
