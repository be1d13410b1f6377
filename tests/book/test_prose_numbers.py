"""The pages show what the cells have kept, and a page that asks for something else is no page."""

import os
import re
import subprocess
import sys
from pathlib import Path

import jupytext
import pytest
from bs4 import BeautifulSoup
from the_book import ROOT, pages, source_of

HEADER = """---
jupytext: {text_representation: {extension: .md, format_name: myst}}
kernelspec: {name: python3, display_name: Python 3 (ipykernel), language: python}
---

"""
CELL = """
```{code-cell} ipython3
from lib.prose import glue

glue("share", 0.125, display=False)
glue("size", "10⁻³⁸", display=False)
```
"""
GOOD = """# Good

A {eval}`f"{glue.share:.1%}"` of {eval}`glue.size`, or {eval}`glue.share`.

| A | B |
|---|---|
| {eval}`f"{glue.share:,.2f}"` | b |
"""
BAD = """# Bad

Not {eval}`glue.nowhere`.

Nor {eval}`1 + 1`.
"""
CONF = """
extensions = ["myst_nb", "prose_numbers"]
nb_execution_mode = "cache"
html_theme = "basic"
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess]:
    """Build a page that asks for what is there, and one that asks for what is not."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "conf.py").write_text(CONF)
    (folder / "good.md").write_text(HEADER + GOOD + CELL, encoding="utf-8")
    (folder / "bad.md").write_text(HEADER + BAD + CELL, encoding="utf-8")
    (folder / "index.md").write_text("# Book\n\n```{toctree}\ngood\nbad\n```\n")
    run = subprocess.run(
        [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", ".", "out"],
        cwd=folder,
        check=False,
        capture_output=True,
        text=True,
        env=os.environ
        | {"PYTHONPATH": f"{ROOT}:{ROOT / 'book/_ext'}", "VANISHING_GRADIENTS_STATIC": "1"},
    )
    return folder / "out", run


def test_a_page_shows_what_its_cells_have_kept(built: tuple) -> None:
    soup = BeautifulSoup((built[0] / "good.html").read_text(encoding="utf-8"), "html.parser")
    shown = [put.get_text() for put in soup.select(".pasted-text")]
    assert shown == ["12.5%", "10⁻³⁸", "0.125", "0.12"]
    assert soup.select("td .pasted-text")
    assert not soup.select(".cell_output")


def test_what_no_cell_has_kept_stops_the_build_with_file_and_name(built: tuple) -> None:
    _, run = built
    assert run.returncode != 0
    assert re.search(r"bad\.md:8: WARNING:.*'nowhere'", run.stderr)
    assert re.search(r"bad\.md:10: WARNING:.*not 1 \+ 1", run.stderr)
    assert "good.md" not in run.stderr


@pytest.mark.parametrize("page", [page for page in pages() if "{code-cell}" in source_of(page)])
def test_a_chapter_that_is_saved_in_jupyterlab_stays_as_it_is(page: str) -> None:
    """Only what the settings of jupytext in pyproject.toml leave out would be added."""
    source = source_of(page)
    saved = jupytext.writes(jupytext.reads(source, fmt="md:myst"), fmt="md:myst")
    versions = r"    (?:format_version: 0\.13|jupytext_version: [\d.]+)\n"
    assert re.sub(versions, "", saved, count=2) == source
    # So does JupyterLab write what it runs the cells with.
    kernel = "name: python3\n  display_name: Python 3 (ipykernel)\n  language: python\n"
    assert f"kernelspec:\n  {kernel}---\n" in source


@pytest.mark.parametrize("page", pages())
def test_numbers_of_the_prose_are_what_jupyterlab_can_ask_for(page: str) -> None:
    source = source_of(page)
    assert "{glue:" not in source
    assert "myst_nb" not in source
