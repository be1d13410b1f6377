"""Plumbing is folded, on the page and in Jupyter; a fold says what it holds and stands below it."""

import ast
import re
from pathlib import Path

import jupytext
import pytest
from folded_code import prompt_of
from nbformat import NotebookNode
from the_book import ROOT, article_of, pages

# Cells that stay open although they hold a derivation, an explorer or imports only: page, the
# first line, and why.
OPEN: dict[tuple[str, str], str] = {}

FOLDED = {"hide-input", "hide-cell", "remove-input", "remove-cell"}


def plumbing(source: str) -> bool:
    """Tell whether code only imports, derives a formula, or makes an explorer."""
    body = ast.parse(source).body
    imports = all(isinstance(node, ast.Import | ast.ImportFrom) for node in body)
    return imports or re.search(r"\bDerivation\b|\bexplore\(", source) is not None


def cells(page: str) -> list[NotebookNode]:
    path = ROOT / f"{page}.md"
    notebook = jupytext.reads(path.read_text(encoding="utf-8"), fmt="md:myst")
    return [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]


@pytest.mark.parametrize("page", pages())
def test_plumbing_is_folded_on_the_page_and_in_jupyter(page: str) -> None:
    if "kernelspec" not in (ROOT / f"{page}.md").read_text(encoding="utf-8"):
        pytest.skip("this page has no cells")
    bare = [
        cell.source[:80]
        for cell in cells(page)
        if plumbing(cell.source) and (page, cell.source.splitlines()[0]) not in OPEN
        if not (
            FOLDED & set(cell.metadata.get("tags", []))
            and cell.metadata.get("jupyter", {}).get("source_hidden") is True
        )
    ]
    assert bare == []


@pytest.mark.parametrize(
    ("source", "prompt"),
    [
        ("import numpy as np\nfrom lib import chain", "Show the imports"),
        ("explore(figures.saturation, spread=(1, 5))", "Show the code of this figure"),
        ("slope = Derivation.of('x', names=[x])", "Show how this is checked"),
        ("slope.equals('2*x', 'double')", "Show how this is checked"),
        ("rows = measure()\nprint(rows)", "Show the code"),
        ("%matplotlib inline", "Show the code"),
    ],
)
def test_a_fold_says_what_it_holds(source: str, prompt: str) -> None:
    assert prompt_of(source) == prompt


@pytest.mark.parametrize("page", pages())
def test_results_stand_above_their_folded_code(page: str, site: Path) -> None:
    article = article_of(page)
    for cell in article.select(".cell.tag_hide-input"):
        *results, fold = cell.find_all(recursive=False)
        assert fold.name == "details"
        assert not any(result.select(".cell_input") for result in results)
        labels = [label.get_text() for label in fold.select("summary > p")]
        assert labels[0].startswith("Show ")
        assert labels[1] == labels[0].replace("Show", "Hide", 1)
        assert "code cell" not in labels[0]
    assert "Toggle hidden content" not in str(article)


def test_the_template_runs_and_is_folded_as_it_says() -> None:
    contributing = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    (template,) = re.findall(r"^````markdown\n(.*?)^````$", contributing, re.MULTILINE | re.DOTALL)
    notebook = jupytext.reads(template, fmt="md:myst")
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert code
    names: dict[str, object] = {}  # of one notebook
    for cell in code:
        exec(cell.source, names)
        assert not plumbing(cell.source) or cell.metadata["jupyter"]["source_hidden"]
