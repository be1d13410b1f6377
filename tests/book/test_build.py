"""A build never shows a stale output, and never succeeds where a cell fails."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from bs4 import BeautifulSoup
from the_book import ROOT

HEADER = """---
jupytext: {text_representation: {extension: .md, format_name: myst}}
kernelspec: {display_name: Python 3, language: python, name: python3}
---

"""


def cell(source: str) -> str:
    return f"```{{code-cell}} ipython3\n{source}\n```\n\n"


def build(project: Path) -> subprocess.CompletedProcess[str]:
    command = Path(sys.executable).with_name("jupyter-book")
    return subprocess.run(
        [command, "build", project, "-n", "-W", "--keep-going"],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": str(project)},
    )


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a book of two pages on a package of two modules, with our extension."""
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib/__init__.py").write_text("")
    (tmp_path / "lib/one.py").write_text("VALUE = 'first value'\n")
    (tmp_path / "lib/two.py").write_text("VALUE = 'second value'\n")
    (tmp_path / "requirements.txt").write_text("numpy==1\n")
    (tmp_path / "book").mkdir()
    for name in ("one", "two"):
        source = f"import os\nfrom lib import {name}\nprint({name}.VALUE, os.urandom(8).hex())"
        (tmp_path / f"book/{name}.md").write_text(f"{HEADER}# Page {name}\n\n{cell(source)}")
    toc = {"format": "jb-book", "root": "book/one", "chapters": [{"file": "book/two"}]}
    (tmp_path / "_toc.yml").write_text(yaml.safe_dump(toc))
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    settings = {
        "only_build_toc_files": True,
        "execute": config["execute"],
        "sphinx": {
            "local_extensions": {"fresh_execution": str(ROOT / "book/_ext")},
            "config": {"nb_execution_raise_on_error": True},
        },
    }
    (tmp_path / "_config.yml").write_text(yaml.safe_dump(settings))
    return tmp_path


def outputs(project: Path) -> dict[str, str]:
    """Return what each page printed: the module's value, and random digits of this very run."""
    found = {}
    for name in ("one", "two"):
        page = (project / f"_build/html/book/{name}.html").read_text(encoding="utf-8")
        output = BeautifulSoup(page, "html.parser").select_one(".cell_output")
        found[name] = output.get_text(strip=True)
    return found


def test_a_page_runs_again_only_when_what_it_rests_on_has_changed(project: Path) -> None:
    first = build(project)
    assert first.returncode == 0, first.stderr
    before = outputs(project)
    assert before["one"].startswith("first value")

    assert build(project).returncode == 0
    assert outputs(project) == before

    (project / "lib/one.py").write_text("VALUE = 'changed value'\n")
    assert build(project).returncode == 0
    after = outputs(project)
    assert after["one"].startswith("changed value")
    assert after["two"] == before["two"]

    (project / "requirements.txt").write_text("numpy==2\n")
    assert build(project).returncode == 0
    assert outputs(project)["two"] != after["two"]
    assert len(list((project / "_build/.executed").iterdir())) == 2


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("raise RuntimeError('a cell that fails')", "a cell that fails"),
        ("import sys\nprint('a word on stderr', file=sys.stderr)", "stderr"),
    ],
)
def test_a_cell_that_fails_or_complains_stops_the_build(
    project: Path, source: str, complaint: str
) -> None:
    page = project / "book/two.md"
    page.write_text(page.read_text() + cell(source))
    result = build(project)
    assert result.returncode != 0
    assert complaint in result.stdout + result.stderr


@pytest.mark.parametrize(("right", "builds"), [("(x - 1) * (x + 1)", True), ("(x - 1)**2", False)])
def test_a_derivation_with_a_false_step_stops_the_build(
    project: Path, right: str, builds: bool
) -> None:
    source = (
        "import sympy as sp\n"
        "from lib.symbolic import Derivation\n"
        "x = sp.Symbol('x', real=True)\n"
        "steps = Derivation(x**2 - 1, x**2 - 1, 'given')\n"
        f"steps = steps.step(x**2 - 1, {right}, 'factor')"
    )
    (project / "lib/__init__.py").unlink()
    for name in ("one", "two"):
        (project / f"lib/{name}.py").unlink()
    (project / "lib").rmdir()
    (project / "lib").symlink_to(ROOT / "lib")
    for name in ("one", "two"):
        (project / f"book/{name}.md").write_text(f"{HEADER}# Page\n\n{cell(source)}")
    result = build(project)
    assert (result.returncode == 0) is builds, result.stdout + result.stderr
    assert ("DerivationError" in result.stdout + result.stderr) is not builds
