"""Write the chapters as notebooks: handouts without solutions and answers, or the key with them.

Run by the Makefile: ``make handout`` and ``make key``. What is asked, and what is right, was
computed when the book was built, so both are read from its pages.

A handout asks a question in writing, because the code that marks it holds its answer. An explorer
that asks first opens at once, a proof lacks the line that is asked for, and of a task there stand
the words, the visible tests and the start. Hints and the starts of research questions stay.
"""

import argparse
import ast
import re
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import jupytext
import nbformat
import yaml
from asked import LINE, Asked, asked_by
from asking_cells import Statement, defined, loaded, missing_lines, statements, stored, without_line

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("The book", "Going deeper")
FOLD = re.compile(r"<details class=\"(\w+)\">|<details[^>]*>|</details>")
ANSWERED = re.compile(
    r"^:::\{admonition\} ([^\n]+)\n:class: dropdown\n.*?^:::$", re.MULTILINE | re.DOTALL
)


def pages(root: Path = ROOT) -> list[str]:
    """Return the names of the pages that are handed out."""
    toc = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))
    parts = [part for part in toc["parts"] if part["caption"] in PARTS]
    names = [file["file"] for part in parts for file in part["chapters"]]
    return [name for name in names if name != "book/references"]


# ---- Notebooks.


def cell(kind: str, source: str, like: Any = None) -> Any:
    """Make a cell, with the metadata of another one."""
    make = nbformat.v4.new_code_cell if kind == "code" else nbformat.v4.new_markdown_cell
    made = make(source)  # type: ignore[no-untyped-call]
    made.metadata = {} if like is None else like.metadata
    return made


def opened(cells: list[Any]) -> list[Any]:
    """Return the cells without what stands in the folds of solutions."""
    kept, folds = [], []
    for one in cells:
        if one.cell_type != "markdown":
            if "solution" not in folds:
                kept.append(one)
            continue
        text, place = "", 0
        for fold in FOLD.finditer(one.source):
            if "solution" not in folds:
                text += one.source[place : fold.start()]
            place = fold.end()
            if fold.group() != "</details>":
                folds.append(fold[1] or "")
                text += "" if "solution" in folds else fold.group()
            elif folds:
                closed = "solution" in folds
                folds.pop()
                text += "" if closed else fold.group()
        if "solution" not in folds:
            text += one.source[place:]
        if text.strip():
            kept.append(cell("markdown", text.strip(), one))
    return kept


def unanswered(text: str) -> str:
    """Return the questions of a section without the answers that are folded below them."""
    return ANSWERED.sub(lambda found: f"**{found[1]}**\n\n{LINE}", text)


def handed_out(cells: list[Any], asked: list[Asked]) -> list[Any]:
    """Return the cells of a handout.

    Raises
    ------
    ValueError
        If the page asks something else than its source, or a cell needs what a solution defines.
    """
    kept = opened(cells)
    taken = _taken(kept, asked)
    gaps = [
        gap for one, (parts, _) in zip(kept, taken, strict=True) if parts
        for gap in missing_lines(one.source)
    ]  # fmt: skip
    done: list[Any] = []
    used: set[str] = set()
    at = len(asked)
    for one, (parts, count) in reversed(list(zip(kept, taken, strict=True))):
        at -= count
        if one.cell_type == "markdown":
            done.append(cell("markdown", unanswered(one.source), one))
            continue
        source = one.source if parts is None else _written(parts, used)
        for proof, line in gaps:
            source = without_line(source, proof, line) or source
        if any(part.marks for part in parts or ()):
            source = "\n".join([source, *_calls(asked[:at])]).strip()
        if source.strip():
            used |= loaded(source)
            done.append(cell("code", source, one))
        for i in reversed(range(at, at + count)):
            done.append(cell("markdown", asked[i].question(i + 1)))
    done.reverse()
    for proof, line in gaps:
        if not any(f"# A line of {proof} is missing: " in one.source for one in done):
            raise ValueError(f"no cell holds the line {line!r} of {proof}")
    _complete(cells, done)
    return done


def _taken(cells: list[Any], asked: list[Asked]) -> list[tuple[list[Statement] | None, int]]:
    """Take apart the cells that ask, and count what each asks."""
    tasks: set[str] = set()
    taken = [statements(one.source, tasks) if one.cell_type == "code" else None for one in cells]
    counts = [sum(part.asks for part in parts or ()) for parts in taken]
    if sum(counts) != len(asked):
        raise ValueError(f"the page asks {len(asked)} questions and its source {sum(counts)}")
    return list(zip(taken, counts, strict=True))


def _written(parts: list[Statement], used: set[str]) -> str:
    """Write what stays of a cell that asks: what it shows besides, and what that needs."""
    needs, kept = set(used), []
    for part in reversed(parts):
        if isinstance(part.node, ast.Assert) or not part.kept:
            continue
        if part.needed and not defined(part.node) & needs:
            continue
        needs |= loaded(part.kept)
        kept.append(part.kept)
    return "\n".join(reversed(kept))


def _calls(asked: list[Asked]) -> list[str]:
    """Write the visible tests of the last task as comments."""
    last = next((one for one in reversed(asked) if one.calls), None)
    if last is None:
        return []
    return ["# Compare with the right results above:", *(f"# {call}" for call in last.calls)]


def _complete(cells: list[Any], done: list[Any]) -> None:
    """Raise if a cell of a handout needs a name that only left cells define."""
    everything = {name for one in cells if one.cell_type == "code" for name in stored(one.source)}
    known: set[str] = set()
    for one in done:
        if one.cell_type == "code":
            own = stored(one.source)
            lost = (loaded(one.source) & everything) - known - own
            if lost:
                raise ValueError(f"a cell needs {sorted(lost)}, which only a solution defines")
            known |= own


def answered(cells: list[Any], asked: list[Asked]) -> list[Any]:
    """Return all cells, and below each that asks the answers."""
    done, at = [], 0
    for one, (_, count) in zip(cells, _taken(cells, asked), strict=True):
        done.append(one)
        done += [cell("markdown", asked[i].key(i + 1)) for i in range(at, at + count)]
        at += count
    return done


# ---- Files.


def cells_of(page: str, root: Path = ROOT) -> Any:
    """Read the source of a page as a notebook."""
    text = (root / f"{page}.md").read_text(encoding="utf-8")
    return jupytext.reads(text, fmt="md:myst")


@cache
def asked_in(page: str, site: Path) -> list[Asked]:
    """Read what a built page asks.

    Raises
    ------
    ValueError
        If it is not built.
    """
    built = site / f"{page}.html"
    if not built.is_file():
        raise ValueError(f"{built} is missing: run `make book` first")
    return asked_by(built.read_text(encoding="utf-8"))


def handout(page: str, site: Path, root: Path = ROOT) -> Any:
    """Return a page as a notebook without solutions and answers."""
    return _made(page, site, root, handed_out)


def key(page: str, site: Path, root: Path = ROOT) -> Any:
    """Return a page as a notebook with solutions and answers."""
    return _made(page, site, root, answered)


def _made(page: str, site: Path, root: Path, how: Callable[..., list[Any]]) -> Any:
    notebook = cells_of(page, root)
    try:
        notebook.cells = how(notebook.cells, asked_in(page, site))
    except ValueError as error:
        raise ValueError(f"{page}: {error}") from None
    return notebook


def answers(site: Path, root: Path = ROOT) -> Any:
    """Return one notebook with all questions of the book and their answers."""
    made = nbformat.v4.new_notebook()  # type: ignore[no-untyped-call]
    made.cells = [cell("markdown", "# Answer key\n\nComputed when the book was built.")]
    for page in pages(root):
        title = re.search(r"^# (.+)$", (root / f"{page}.md").read_text(encoding="utf-8"), re.M)
        asked = asked_in(page, site)
        if title is None or not asked:
            continue
        made.cells.append(cell("markdown", f"## {title[1]}"))
        made.cells += [
            cell("markdown", f"{one.question(i)}\n\n{one.key(i)}")
            for i, one in enumerate(asked, start=1)
        ]
    return made


def write(what: str, folder: Path, site: Path, root: Path = ROOT) -> None:
    """Write the notebooks of all pages, and with the key the page of all answers."""
    folder.mkdir(parents=True, exist_ok=True)
    made = {
        Path(page).name: (handout if what == "handout" else key)(page, site, root)
        for page in pages(root)
    }
    if what == "key":
        made["answer-key"] = answers(site, root)
    for name, notebook in made.items():
        for i, one in enumerate(notebook.cells):
            one.id = f"{name}-{i}"[-64:]  # the same in every run
        text = nbformat.writes(notebook)  # type: ignore[no-untyped-call]
        (folder / f"{name}.ipynb").write_text(text + "\n", encoding="utf-8")


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("what", choices=("handout", "key"))
    parser.add_argument("folder", type=Path)
    said = parser.parse_args()
    write(said.what, said.folder, ROOT / "_build" / "html")
    print(f"The notebooks are in {said.folder}.")


if __name__ == "__main__":
    try:
        main()
    except ValueError as error:
        sys.exit(str(error))
