"""The package works from a wheel, outside of this repository, with its data and its explorers."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import portable_notebooks
import pytest
from the_book import READER, ROOT, source_of

CHECK = """
import sys
sys.path.insert(0, {folder!r})
import lib
from lib import datasets
assert lib.__file__.startswith({folder!r}), lib.__file__
assert len(datasets.o_rings()[0]) == 23
assert len(datasets.digits().train_images) == 1437
assert len(datasets.tumors()[0]) == 569
from lib import experiments
assert len(experiments.load("early_layers")["steps"]) > 10
import sympy
from lib.symbolic import Derivation
assert "@container" in Derivation.of("1/2")._repr_html_()
import jupytext
from IPython.display import display  # every kernel knows it
for cell in jupytext.reads({chapter!r}, fmt="md:myst").cells:
    if cell.cell_type == "code":
        exec(cell.source, globals())
"""


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel from what is tracked, and unpack it as an installation would."""
    folder = tmp_path_factory.mktemp("wheel")
    # A copy, since a build leaves files behind that would slip into the next one.
    source = folder / "source"
    shutil.copytree(ROOT / "lib", source / "lib", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation"]
    build += ["--outdir", folder / "dist", source]
    subprocess.run(build, check=True, capture_output=True, text=True, timeout=3000)
    (wheel,) = (folder / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


@pytest.mark.rotates(2)
def test_a_chapter_runs_on_the_wheel(unpacked: Path, tmp_path: Path) -> None:
    code = CHECK.format(folder=str(unpacked), chapter=source_of("book/rrelu"))
    python = READER / "bin" / "python"
    result = subprocess.run(
        [python, "-c", code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=3000,
    )
    assert result.returncode == 0, result.stderr[-2000:]


def test_the_wheel_holds_the_package_and_nothing_else(unpacked: Path) -> None:
    tops = {path.name for path in unpacked.iterdir() if not path.name.endswith(".dist-info")}
    assert tops == {"lib"}
    packed = {p.relative_to(unpacked).as_posix() for p in (unpacked / "lib").rglob("*.py")}
    assert packed == {p.relative_to(ROOT).as_posix() for p in (ROOT / "lib").rglob("*.py")}


def test_the_wheel_of_the_site_holds_the_same(unpacked: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(portable_notebooks.write_wheel(ROOT, tmp_path)) as archive:
        ours = {name: archive.read(name) for name in archive.namelist() if name.startswith("lib/")}
    theirs = {
        path.relative_to(unpacked).as_posix(): path.read_bytes()
        for path in (unpacked / "lib").rglob("*")
        if path.is_file()
    }
    assert ours.keys() == theirs.keys()
    assert ours == theirs
