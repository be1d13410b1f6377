"""Say in every page what a browser may run and load there: the files of the book, and nothing else.

What a cell prints, or a Jupyter server that a reader connects to, may bring scripts. A page of the
book runs none of them, because its policy names the scripts that it has: files of the site, and the
few that stand in the page, by their sha256. Styles may stand in a page, since figures have them.
"""

import base64
import hashlib
import re
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from finished_pages import is_finished, pages_in
from sphinx.application import Sphinx

META = re.compile(r'\n?<meta http-equiv="Content-Security-Policy"[^>]*>')
CHARSET = re.compile(r'<meta charset="utf-8"\s*/?>', re.IGNORECASE)
# A script of another type is data for the scripts of the page.
PROGRAMS = {"", "module", "text/javascript", "application/javascript"}
# Where a Jupyter server of the reader can be: on this machine, or anywhere that is encrypted.
# Binder says where it has started one only after the page was loaded.
SERVERS = (
    "https:", "wss:",
    "http://localhost:*", "http://127.0.0.1:*", "ws://localhost:*", "ws://127.0.0.1:*",
)  # fmt: skip


class _Programs(HTMLParser):
    """Collects the scripts that stand in a page, and what its elements run when they are used."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.scripts: list[str] = []
        self.handlers: set[str] = set()
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the handlers of an element, and whether a script begins."""
        given = {name: value or "" for name, value in attrs}
        self.handlers |= {unescape(value) for name, value in attrs if name[:2] == "on" and value}
        program = given.get("type", "").lower() in PROGRAMS
        self._inside = tag == "script" and program and "src" not in given
        if self._inside:
            self.scripts.append("")

    def handle_data(self, data: str) -> None:
        """Keep what stands in a script."""
        if self._inside:
            self.scripts[-1] += data

    def handle_endtag(self, tag: str) -> None:
        """Leave a script."""
        self._inside = False


def programs_of(page: str) -> tuple[list[str], list[str]]:
    """Find what stands in a page and runs.

    Returns
    -------
    scripts : list of str
        In their order, without those that are only data.
    handlers : list of str
        The values of attributes such as ``onclick``, each once.
    """
    found = _Programs()
    found.feed(page.replace("\r\n", "\n"))
    found.close()
    return found.scripts, sorted(found.handlers)


def name_of(program: str) -> str:
    """Return how a policy names a program.

    >>> name_of("")
    "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"
    """
    digest = hashlib.sha256(program.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def policy_of(page: str, server: str = "") -> str:
    """Return the policy of a page.

    Parameters
    ----------
    page : str
        Its HTML.
    server : str, optional
        The address of a Jupyter server that the book is set up to use.
    """
    scripts, handlers = programs_of(page)
    live = '<meta name="live-code"' in page
    run = ["'self'", *sorted({name_of(script) for script in scripts})]
    if handlers:
        run += ["'unsafe-hashes'", *map(name_of, handlers)]
    reached = ["'self'"]
    if live:
        # For browsers that hold a worker to the policy of its page.
        run.append("'wasm-unsafe-eval'")
        reached += SERVERS
        if server.startswith("http:"):
            place = urlsplit(server).netloc.rpartition("@")[2]
            reached += [f"http://{place}", f"ws://{place}"]
    rules = {
        "default-src": ["'self'"],
        "script-src": run,
        "style-src": ["'self'", "'unsafe-inline'"],
        "img-src": ["'self'", "data:", "blob:"],
        "font-src": ["'self'", "data:"],
        "connect-src": reached,
        "worker-src": ["'self'"],
        "frame-src": ["'none'"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
    }
    return "; ".join(f"{name} {' '.join(allowed)}" for name, allowed in rules.items())


def with_policy(page: str, server: str = "") -> str:
    """Return a page with its policy before all that it governs, in the place of an older one."""
    page = META.sub("", page)
    meta = f'\n<meta http-equiv="Content-Security-Policy" content="{policy_of(page, server)}">'
    return CHARSET.sub(lambda found: found[0] + meta, page, count=1)


def write_policies(app: Sphinx, exception: Exception | None) -> None:
    """Put the policies into the pages of the site."""
    if not is_finished(app, exception):
        return
    for page in pages_in(Path(app.outdir)):
        page.rewrite(with_policy(page.html, app.config.live_code_server))


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect to the events of Sphinx."""
    app.connect("build-finished", write_policies, priority=900)  # when all is written
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
