"""Let a reader keep the pages that were visited, and install the book.

When all pages are written, a worker is written beside them (a service worker, in ``worker.js``) and
what a browser must know to install the book. The worker knows its build by a name made from
everything that it may keep, and each page tells the name of its build, so that the worker never
keeps pages of one build and style sheets of another. Two builds write the same bytes.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from finished_pages import is_finished
from sphinx.application import Sphinx

from lib._files import replacing

WORKER = Path(__file__).with_name("worker.js")
META = re.compile(r'<meta name="build" content="\w*">\n?')
CHARSET = re.compile(r'<meta charset="utf-8"\s*/?>\n?')
# What the worker leaves alone, and what it is.
OTHERS = ("_sources", "_static/python", "_static/thebe", "_static/thebe-lite", "_static/wheels")
OWN = ("worker.js", "manifest.webmanifest")
# What a page may need that it does not name: letters of what is folded, formulas of what is typed.
ALWAYS = ("_static/fonts/*.woff2", "_static/temml/*.woff2", "_static/temml/temml.min.js")
WHOLE_FONT = "_static/temml/latinmodernmath.woff2"  # no page needs it


def kept_files(folder: Path) -> Iterator[Path]:
    """Yield the files of a site that make a build another one, in the order of their names."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.is_file() and not hidden and name not in OWN:
            if not any(name.startswith(f"{other}/") for other in OTHERS):
                yield path


def build_of(folder: Path) -> str:
    """Return the name of a build, which its content decides alone."""
    digest = hashlib.sha256(WORKER.read_bytes())
    for path in kept_files(folder):
        content = path.read_bytes()
        if path.suffix == ".html":
            content = META.sub("", content.decode("utf-8")).encode()
        digest.update(f"{path.relative_to(folder).as_posix()} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()[:16]


def manifest_of(app: Sphinx) -> dict[str, Any]:
    """Return what a browser asks for when it installs the book."""
    icons = [
        {"src": f"_static/icons/{size}.png", "sizes": f"{size}x{size}", "type": "image/png"}
        for size in (192, 512)
    ]
    return {
        "name": app.config.html_title,
        "short_name": app.config.html_title,
        "start_url": f"{app.config.root_doc}.html",
        "scope": "./",
        "display": "minimal-ui",
        "background_color": "#ffffff",
        "theme_color": "#0d1b2a",
        "icons": [
            *icons,
            {**icons[-1], "src": "_static/icons/512-whole.png", "purpose": "maskable"},
        ],
    }


def write_worker(app: Sphinx, exception: Exception | None) -> None:
    """Write the worker and the manifest, and tell each page which build it belongs to."""
    if not is_finished(app, exception):
        return
    folder = Path(app.outdir)
    build = build_of(folder)
    always = [
        path.relative_to(folder).as_posix()
        for pattern in ALWAYS
        for path in sorted(folder.glob(pattern))
        if path.relative_to(folder).as_posix() != WHOLE_FONT
    ]
    worker = WORKER.read_text(encoding="utf-8").replace("{build}", build)
    worker = worker.replace('["{always}"]', json.dumps(always))
    manifest = json.dumps(manifest_of(app), indent=1)
    for name, text in {"worker.js": worker, "manifest.webmanifest": manifest}.items():
        with replacing(folder / name) as opened:
            opened.write(text.encode())
    meta = f'<meta name="build" content="{build}">\n'
    for path in kept_files(folder):
        if path.suffix != ".html" or path.is_relative_to(folder / "_static"):
            continue
        before = path.read_bytes()
        page = META.sub("", before.decode("utf-8"))
        made = CHARSET.sub(lambda found: found[0] + meta, page, count=1).encode()
        if made != before:
            with replacing(path) as opened:
                opened.write(made)


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect to the end of the build, when nothing on a page changes any more."""
    app.add_js_file("offline.js")
    app.connect("build-finished", write_worker, priority=950)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
