"""Take the frames of the explorers out of the pages: they come when a reader is near a figure.

A cell writes an explorer with all its frames, and many frames weigh more than the rest of a page.
When the pages are written, the frames of each explorer go into a file of their own. The page keeps
what it shows at once and what it needs to answer: the picture at the start, the controls, the
longest caption, for which there is to be room, and for paper the end of the story that "Play"
tells. The file is a script, because a page that is opened from a folder may load nothing else, and
its name has the hash of what is in it. Two builds write the same bytes.
"""

import hashlib
import json
import re
from html import escape
from pathlib import Path
from typing import Any

from finished_pages import is_finished, pages_in
from sphinx.application import Sphinx

from lib._files import replacing

FOLDER = "frames"
FIGURE = re.compile(r'<figure class="explorer" id="([^"]+)".*?</figure>', re.DOTALL)
DATA = re.compile(r'<script type="application/json">(\{.*?\})</script>', re.DOTALL)
PLAYED = re.compile(r'data-play="([^"]+)"')
NAMED = re.compile(r'data-src="[^"]*_static/frames/([^"]+)"')


def unpacked(frames: dict[str, Any], number: int) -> list[str]:
    """Return picture and caption of one frame, as explorer.js does."""
    template, words, *slots = frames["frames"][number]
    filled = [frames["values"][slot] for slot in slots] + [""]
    pieces = zip(frames["templates"][template], filled, strict=True)
    return ["".join(piece + value for piece, value in pieces), frames["values"][words]]


def end_of(controls: list[dict[str, Any]], played: str) -> int | None:
    """Return the frame at which a story ends that begins where its slider does, if there is one.

    Examples
    --------
    >>> end_of([{"name": "depth", "start": 0, "texts": ["1", "2", "3"]}], "depth")
    2
    """
    number, story = 0, False
    for control in controls:
        last, begins = len(control["texts"]) - 1, control["start"] == 0
        tells = control["name"] == played and begins
        story |= tells
        number = number * (last + 1) + (last if tells else control["start"])
    return number if story else None


def written(data: Any) -> str:
    """Return data as JSON without spaces."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def script_of(name: str, frames: dict[str, Any]) -> str:
    """Return a script that keeps frames under the name of their explorer.

    Examples
    --------
    >>> print(script_of("depth-units", {"values": ["One"]}), end="")
    (window.explorerFrames ??= {})["depth-units"] = JSON.parse('{"values":["One"]}');
    """
    text = written(frames).replace("\\", "\\\\").replace("'", "\\'")
    return f"(window.explorerFrames ??= {{}})[{json.dumps(name)}] = JSON.parse('{text}');\n"


def apart(page: str, root: str = "") -> tuple[str, dict[str, str]]:
    """Return a page without the frames of its explorers, and the files that have them by name.

    Parameters
    ----------
    page : str
        Its HTML. An explorer whose frames are in a file stays as it is.
    root : str, optional
        The way from the page to the entrance of the site, such as "../".
    """
    files: dict[str, str] = {}

    def one(found: re.Match[str]) -> str:
        data = DATA.search(found[0])
        if data is None:
            return found[0]
        frames = json.loads(data[1])
        kept = {"controls": frames.pop("controls")}
        played = PLAYED.search(found[0])
        end = end_of(kept["controls"], played[1] if played else "")
        if end is not None:
            kept["end"] = unpacked(frames, end)
        script = script_of(found[1], frames)
        file = f"{found[1]}.{hashlib.sha256(script.encode()).hexdigest()[:8]}.js"
        files[file] = script
        longest = max((frames["values"][frame[1]] for frame in frames["frames"]), key=len)
        before = found[0][: data.start()].replace(
            "<figcaption ", f'<figcaption data-longest="{escape(longest)}" ', 1
        )
        source = f'data-src="{root}_static/{FOLDER}/{file}"'
        text = written(kept).replace("</", "<\\/")
        return f'{before}<script type="application/json" {source}>{text}</script></figure>'

    return FIGURE.sub(one, page), files


def take_out(app: Sphinx, exception: Exception | None) -> None:
    """Write the pages anew, and the files; remove files of an earlier build."""
    if not is_finished(app, exception):
        return
    folder = Path(app.outdir)
    frames = folder / "_static" / FOLDER
    frames.mkdir(parents=True, exist_ok=True)
    named: set[str] = set()
    for page in pages_in(folder):
        html, files = apart(page.html, page.root)
        named.update(NAMED.findall(html))
        for name, script in files.items():
            with replacing(frames / name) as opened:
                opened.write(script.encode())
        page.rewrite(html)
    for path in frames.iterdir():
        if path.name not in named:
            path.unlink()


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect to the end of the build, before the pages are made light."""
    app.connect("build-finished", take_out, priority=550)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
