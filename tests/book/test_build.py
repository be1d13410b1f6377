"""A build never shows a stale output, and never succeeds where a cell fails."""

import json
import os
import shutil
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


def build(project: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    command = Path(sys.executable).with_name("jupyter-book")
    return subprocess.run(
        [command, "build", project, "-n", "-W", "--keep-going"],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": str(project)} | environment,
    )


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a book of two pages on a package of two modules, with our extension."""
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib/__init__.py").write_text("")
    shutil.copy(ROOT / "lib/_files.py", tmp_path / "lib")
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
            "local_extensions": dict.fromkeys(
                ("clean_outputs", "fresh_execution", "parallel_execution", "portable_notebooks"),
                str(ROOT / "book/_ext"),
            ),
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


@pytest.mark.rotates(2)
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


@pytest.mark.rotates(4)
@pytest.mark.parametrize(
    ("step", "builds"),
    [
        ("step(x**2 - 1, (x - 1) * (x + 1), 'factor')", True),
        ("step(x**2 - 1, (x - 1)**2, 'factor')", False),
        ("equals(sp.factor(x**2 - 1), 'factor', form='(x + 1)*(x - 1)')", True),
        ("equals(sp.factor(x**2 - 1), 'factor', form='(x + 1)*(1 - x)')", False),
    ],
)
def test_a_derivation_with_a_false_step_or_form_stops_the_build(
    project: Path, step: str, builds: bool
) -> None:
    source = (
        "import sympy as sp\n"
        "from lib.symbolic import Derivation\n"
        "x = sp.Symbol('x', real=True)\n"
        "steps = Derivation(x**2 - 1, x**2 - 1, 'given')\n"
        f"steps = steps.{step}"
    )
    (project / "lib/__init__.py").unlink()
    for name in ("one", "two"):
        (project / f"lib/{name}.py").unlink()
    shutil.rmtree(project / "lib")
    (project / "lib").symlink_to(ROOT / "lib")
    for name in ("one", "two"):
        (project / f"book/{name}.md").write_text(f"{HEADER}# Page\n\n{cell(source)}")
    result = build(project)
    assert (result.returncode == 0) is builds, result.stdout + result.stderr
    assert ("DerivationError" in result.stdout + result.stderr) is not builds


@pytest.mark.rotates(5)
def test_a_chapter_runs_afresh_on_demand(project: Path) -> None:
    assert build(project).returncode == 0
    before = outputs(project)
    result = build(project, VANISHING_GRADIENTS_AFRESH="two")
    assert result.returncode == 0, result.stderr
    after = outputs(project)
    assert after["two"] != before["two"]
    assert after["one"] == before["one"]
    wrong = build(project, VANISHING_GRADIENTS_AFRESH="three")
    assert wrong.returncode != 0
    assert "there is no chapter 'three'" in wrong.stdout + wrong.stderr


@pytest.mark.rotates(5)
def test_chapters_run_side_by_side_and_each_on_one_thread(project: Path) -> None:
    for mine, other in (("one", "two"), ("two", "one")):
        meeting = (
            "import os, time\nfrom pathlib import Path\n"
            f"Path('{mine}.here').touch()\n"
            "for _ in range(5000):\n"
            f"    if Path('{other}.here').exists():\n        break\n"
            "    time.sleep(0.1)\n"
            "else:\n    raise RuntimeError('nobody came')\n"
            "print(os.environ['OPENBLAS_NUM_THREADS'])"
        )
        (project / f"book/{mine}.md").write_text(f"{HEADER}# Page {mine}\n\n{cell(meeting)}")
    result = build(project)
    assert result.returncode == 0, result.stdout + result.stderr
    assert outputs(project) == {"one": "1", "two": "1"}


@pytest.mark.rotates(5)
def test_a_complaint_is_not_cached(project: Path) -> None:
    page = project / "book/two.md"
    complaint = (
        "import sys\nfrom pathlib import Path\nonce = Path('said')\n"
        "if not once.exists():\n    once.touch()\n    print('a word', file=sys.stderr)"
    )
    page.write_text(page.read_text() + cell(complaint))
    assert build(project).returncode != 0
    shutil.rmtree(project / "_build/.doctrees", ignore_errors=True)  # as `make book` does
    result = build(project)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.rotates(5)
def test_settings_of_the_user_and_a_home_that_cannot_be_written_change_nothing(
    project: Path, tmp_path: Path
) -> None:
    source = (
        "import os\nimport matplotlib as mpl\nimport IPython\n"
        "print(mpl.rcParams['lines.marker'], mpl.rcParams['text.usetex'], 'user' in globals())\n"
        "import sys\nprint('Matplotlib is building the font cache; this may take a moment.',"
        " file=sys.stderr)"
    )
    page = project / "book/two.md"
    page.write_text(f"{HEADER}# Page two\n\n{cell(source)}")
    home = tmp_path / "home"
    for name, text in {
        ".config/matplotlib/matplotlibrc": "lines.marker: o\ntext.usetex: True\nno such key: 1\n",
        ".ipython/profile_default/startup/user.py": "user = 1\nimport sys\nsys.stderr.write('hi')",
        ".ipython/profile_default/ipython_config.py": "raise RuntimeError('never read')\n",
    }.items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(text)
    result = build(project, HOME=str(home), MPLBACKEND="module://nothing", PYTHONWARNINGS="always")
    assert result.returncode == 0, result.stdout + result.stderr
    assert outputs(project)["two"] == "None False False"
    shutil.rmtree(project / "_build")
    result = build(project, HOME="/dev/null/nowhere")
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.rotates(5)
def test_two_builds_are_the_same_and_leave_no_widgets_behind(project: Path) -> None:
    source = (
        "from lib import one\nfrom tqdm.auto import tqdm\nclass Thing: pass\n"
        "for _ in tqdm(range(3), disable=False):\n    pass\nThing()"
    )
    page = project / "book/two.md"
    page.write_text(f"{HEADER}# Page two\n\n{cell(source)}{cell('Thing()')}{cell('Thing()')}")
    (project / "book/one.md").write_text(f"{HEADER}# Page one\n\n{cell('1 + 1')}")
    found = []
    for _ in range(2):
        shutil.rmtree(project / "_build", ignore_errors=True)
        result = build(project)
        assert result.returncode == 0, result.stdout + result.stderr
        folders = (project / "_build/html/book", project / "_build/jupyter_execute/book")
        files = sorted(path for folder in folders for path in folder.iterdir())
        found.append({path.name: path.read_bytes() for path in files})
    assert found[0] == found[1]
    assert {"one.ipynb", "two.ipynb"} <= found[0].keys()
    assert b"widget" not in found[0]["two.html"]
    assert b"0x" not in found[0]["two.ipynb"]
    first = {name: json.loads(found[0][name])["cells"][0] for name in ("one.ipynb", "two.ipynb")}
    assert "pip install" in "".join(first["two.ipynb"]["source"])
    assert "pip install" not in "".join(first["one.ipynb"]["source"])
    ids = [one["id"] for one in json.loads(found[0]["two.ipynb"])["cells"]]
    assert len(ids) == len(set(ids))
