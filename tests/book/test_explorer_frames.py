"""The frames of the explorers stand in files of their own, which their pages name."""

import hashlib
import json
import re
from pathlib import Path
from types import SimpleNamespace

import explorer_frames
import pytest
from bs4 import BeautifulSoup, Tag
from the_book import pages

from lib.explore import explore
from lib.explore.frames import pack


def story(ax, *, time=1, kind="a", place=3):
    """A story that begins at the left </script>."""
    ax.plot([0, time], [0, place])
    return f"It's {kind} \\ at {time} & {place} </script>" + "!" * time


def made(**parameters):
    return explore(story, time=(1, 5), kind=["a", "b"], **parameters)


def figure_of(page: str) -> Tag:
    return BeautifulSoup(page, "html.parser").figure


def kept(page: str) -> dict:
    return json.loads(figure_of(page).script.string)


def frames_in(script: str) -> dict:
    """Read what a file registers, as JavaScript would."""
    text = re.fullmatch(r"\(.*?\)\[.*?\] = JSON\.parse\('(.*)'\);\n", script, re.DOTALL)[1]
    return json.loads(re.sub(r"\\(.)", r"\1", text))


def test_the_file_has_all_frames_and_the_page_has_the_controls() -> None:
    one = made()
    html = one._repr_html_()
    page, files = explorer_frames.apart(f"<p>Before</p>{html}<p>after</p>", "../")
    ((name, script),) = files.items()
    packed = pack(one.frames)
    assert frames_in(script) == vars(packed)
    assert figure_of(page).script["data-src"] == f"../_static/frames/{name}"
    assert name == f"{one.name}.{hashlib.sha256(script.encode()).hexdigest()[:8]}.js"
    assert kept(page)["controls"] == kept(html)["controls"]
    assert kept(page).keys() == {"controls", "end"}
    assert figure_of(page).figcaption["data-longest"] == max((c for _, c in one.frames), key=len)
    # And what is shown is the same.
    assert str(figure_of(page).select_one(".explorer-picture")) == str(
        figure_of(html).select_one(".explorer-picture")
    )
    assert page.startswith("<p>Before</p><figure")
    assert page.endswith("</figure><p>after</p>")
    assert explorer_frames.apart(page, "../") == (page, {})


@pytest.mark.parametrize(
    ("start", "end"),
    [({}, (4, 0)), ({"kind": "b"}, (4, 1)), ({"time": 2}, None), ({"time": 5}, None)],
)
def test_the_page_has_the_end_of_a_story_that_begins_at_its_beginning(start, end) -> None:
    one = made(start=start)
    page, _ = explorer_frames.apart(one._repr_html_())
    expected = None if end is None else list(one.frames[end[0] * 2 + end[1]])
    assert kept(page).get("end") == expected


def test_a_figure_without_controls_stays_as_it_is_and_does_not_take_those_of_the_next() -> None:
    still = explore(story)._repr_html_()
    page, files = explorer_frames.apart(still + made()._repr_html_())
    assert page.startswith(still)
    assert len(files) == 1


def test_building_again_writes_the_same_bytes_and_removes_what_no_page_names(
    tmp_path: Path,
) -> None:
    app = SimpleNamespace(builder=SimpleNamespace(format="html"), outdir=tmp_path)
    (tmp_path / "book").mkdir()
    page = tmp_path / "book/page.html"

    def build() -> dict[str, bytes]:
        explorer_frames.take_out(app, None)
        return {one.name: one.read_bytes() for one in tmp_path.rglob("*") if one.is_file()}

    html = made()._repr_html_()
    page.write_text(html, encoding="utf-8")
    first = build()
    assert len(first) == 2
    assert build() == first  # from the page without frames
    page.write_text(html, encoding="utf-8")
    assert build() == first
    page.write_text(html.replace("It's", "It is"), encoding="utf-8")
    assert len(build().keys() - first.keys()) == 1
    page.write_text("", encoding="utf-8")
    assert build().keys() == {"page.html"}


def test_every_explorer_of_the_book_names_its_file_and_there_are_no_others(site: Path) -> None:
    named, ends = [], 0
    for name in pages():
        html = (site / f"{name}.html").read_text(encoding="utf-8")
        figures = re.findall(r'<figure class="explorer" id="(.*?)"(.*?)</figure>', html, re.DOTALL)
        for ident, inside in figures:
            if "<form" not in inside:
                continue
            (data,) = re.findall(r"<script (.*?)>(.*?)</script>", inside, re.DOTALL)
            address = re.fullmatch(r'type="application/json" data-src="([^"]*)"', data[0])[1]
            file = (site / f"{name}.html").parent / address
            assert file.is_file(), f"{name}: {address}"
            assert file.name.startswith(f"{ident}.")
            named.append(file.name)
            told = json.loads(data[1])
            played = re.search(r'data-play="(.*?)"', inside)
            begins = any(
                played and one["name"] == played[1] and one["start"] == 0
                for one in told["controls"]
            )
            assert told.keys() == {"controls", "end"} if begins else {"controls"}
            ends += begins
    assert set(named) == {file.name for file in (site / "_static/frames").iterdir()}
    assert len(named) > 50
    assert ends > 10
