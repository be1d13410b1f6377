"""Notebooks that run anywhere: what the first cell installs, and the wheel that it installs."""

import ast
import json
import os
import subprocess
import sys
import tomllib
import zipfile
from email.parser import Parser
from pathlib import Path

import linked_citations
import nbformat
import portable_notebooks
import pytest
from the_book import ROOT, pages, soup_of, source_of

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def notebook_of(*sources: str) -> nbformat.NotebookNode:
    made = nbformat.v4.new_notebook()
    made.cells = [nbformat.v4.new_markdown_cell("# A title\n\nText.")]
    for source in sources:
        output = nbformat.v4.new_output("stream", text="said\n")
        made.cells.append(nbformat.v4.new_code_cell(source, outputs=[output], execution_count=3))
    return made


def test_outputs_go_and_the_first_cell_installs_what_is_imported() -> None:
    notebook = notebook_of("from lib import chain", "1 + 1", "1 + 1")
    portable_notebooks.make_portable(notebook, "https://x.org/_static/wheels/a.whl")
    nbformat.validate(notebook)
    first, *others = notebook.cells
    assert 'BOOK = "https://x.org/_static/wheels/a.whl"\n' in first.source
    assert "%pip install --quiet {BOOK}" in first.source
    ast.parse(first.source.replace("%pip install --quiet {BOOK}", "pass"))
    assert all(not cell.get("outputs") for cell in notebook.cells)
    assert all(cell.get("execution_count") is None for cell in notebook.cells)
    assert len({cell.id for cell in notebook.cells}) == len(others) + 1
    again = notebook_of("from lib import chain", "1 + 1", "1 + 1")
    portable_notebooks.make_portable(again, "https://x.org/_static/wheels/a.whl")
    assert nbformat.writes(again) == nbformat.writes(notebook)
    plain = notebook_of("import numpy")
    portable_notebooks.make_portable(plain, "x")
    assert plain.cells[0].cell_type == "markdown"


def test_the_first_cell_does_nothing_where_the_book_is_installed() -> None:
    notebook = notebook_of("from lib import chain")
    portable_notebooks.make_portable(notebook, "x")
    source = notebook.cells[0].source.replace("%pip install --quiet {BOOK}", "raise SystemExit(3)")
    code = f"{source}\nfrom lib.prose import glue\nglue('a', 1, display=False)"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_the_package_is_found_where_the_site_is_or_else_in_the_repository() -> None:
    name = portable_notebooks.wheel_name(ROOT)
    site = portable_notebooks.address_of(ROOT, "https://x.org/b/", "https://github.com/a/b")
    assert site == f"https://x.org/b/_static/wheels/{name}"
    other = portable_notebooks.address_of(ROOT, "", "https://github.com/a/b")
    assert other == "git+https://github.com/a/b"
    assert portable_notebooks.address_of(ROOT, "", "") == ""


def test_buttons_are_there_only_with_a_repository() -> None:
    found = portable_notebooks.elsewhere("https://github.com/a/b", "book/relu")
    assert found == {
        "Colab": "https://colab.research.google.com/github/a/b/blob/notebooks/relu.ipynb",
        "Kaggle": "https://kaggle.com/kernels/welcome"
        "?src=https://github.com/a/b/blob/notebooks/relu.ipynb",
    }
    assert portable_notebooks.elsewhere("", "book/relu") == {}
    assert portable_notebooks.elsewhere("https://gitlab.com/a/b", "book/relu") == {}


def test_the_wheel_is_the_same_twice_and_says_what_it_needs(tmp_path: Path) -> None:
    wheels = [portable_notebooks.write_wheel(ROOT, tmp_path / name) for name in ("one", "two")]
    assert wheels[0].read_bytes() == wheels[1].read_bytes()
    with zipfile.ZipFile(wheels[0]) as archive:
        names = archive.namelist()
        (about,) = {name.split("/")[0] for name in names if ".dist-info/" in name}
        metadata = Parser().parsestr(archive.read(f"{about}/METADATA").decode())
        assert archive.read("lib/chain.py" if "lib/chain.py" in names else "lib/__init__.py")
        listed = [line.split(",")[0] for line in archive.read(f"{about}/RECORD").decode().split()]
    assert listed == names
    assert metadata["Version"] == PROJECT["version"]
    assert metadata.get_all("Requires-Dist") == PROJECT["dependencies"]
    files = (path for path in (ROOT / "lib").rglob("*") if path.is_file())
    assert {name for name in names if name.startswith("lib/")} == {
        path.relative_to(ROOT).as_posix() for path in files if "__pycache__" not in path.parts
    }
    assert {name.rpartition(".")[2] for name in names if name.startswith("lib/")} >= {"npz", "csv"}


def test_the_site_offers_both(site: Path) -> None:
    wheel = site / portable_notebooks.WHEELS / portable_notebooks.wheel_name(ROOT)
    assert zipfile.ZipFile(wheel).testzip() is None
    notebook = json.loads((site / "_sources/book/rrelu.ipynb").read_text(encoding="utf-8"))
    assert "%pip install" in "".join(notebook["cells"][0]["source"])
    assert all(not cell.get("outputs") for cell in notebook["cells"])
    page = (site / "book/rrelu.html").read_text(encoding="utf-8")
    assert f'<meta name="wheel" content="{portable_notebooks.WHEELS}/{wheel.name}">' in page
    assert "colab.research.google.com" in page


@pytest.mark.exhaustive
def test_a_notebook_runs_where_there_is_only_jupyter(site: Path, tmp_path: Path) -> None:
    environment, python = tmp_path / "venv", tmp_path / "venv/bin/python"
    subprocess.run([sys.executable, "-m", "venv", environment], check=True)
    pip = [python, "-m", "pip", "install", "--quiet"]
    subprocess.run([*pip, "ipykernel", "nbclient"], check=True, timeout=3000)
    wheel = site / portable_notebooks.WHEELS / portable_notebooks.wheel_name(ROOT)
    notebook = json.loads((site / "_sources/book/rrelu.ipynb").read_text(encoding="utf-8"))
    first = "".join(notebook["cells"][0]["source"])
    first = "\n".join(
        f"BOOK = {str(wheel)!r}" if line.startswith("BOOK = ") else line
        for line in first.split("\n")
    )
    notebook["cells"][0]["source"] = first + "\nimport lib; print(lib.__file__)"
    (tmp_path / "rrelu.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    run = (
        "import nbformat, nbclient\n"
        "notebook = nbformat.read('rrelu.ipynb', 4)\n"
        "nbclient.NotebookClient(notebook, timeout=3000, kernel_name='python3').execute()\n"
        "print(notebook.cells[0].outputs[-1].text)"
    )
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [python, "-c", run], cwd=tmp_path, env=clean, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert str(environment) in done.stdout


AT = linked_citations.by_address(linked_citations.works_of(ROOT / "book/references.bib"))
CITING = [
    name
    for name in pages()
    if "{code-cell}" in source_of(name) and any(linked_citations.citations_in(source_of(name), AT))
]


@pytest.mark.parametrize("name", CITING)
def test_a_notebook_cites_as_its_page_does(name: str, site: Path) -> None:
    text = (site / f"_sources/{name}.ipynb").read_text(encoding="utf-8")
    notebook = nbformat.reads(text, as_version=4)
    prose = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    said = [words.replace("*", "") for words, _ in linked_citations.citations_in(prose, AT)]
    soup = soup_of(site / f"{name}.html")
    cited = soup.select("article .bibtex-citation")
    assert cited
    assert [" ".join(one.get_text().split()) for one in cited] == said
