"""The fingerprint of a chapter follows what the chapter rests on, and nothing else."""

from pathlib import Path

import fresh_execution
import pytest

CHAPTER = """# Title

```{code-cell} ipython3
:tags: [hide-input]

from lib import top
```

    from lib import unused  # an example in the prose, not a cell
"""
FILES = {
    "lib/__init__.py": "",
    "lib/top.py": "from .package import name\n",
    "lib/package/__init__.py": "from lib.package._inner import name\n",
    "lib/package/_inner.py": "from ..bottom import value as name\n",
    "lib/bottom.py": "value = 1\n",
    "lib/unused.py": "value = 2\n",
    "lib/table.csv": "1,2\n",
    "requirements.txt": "numpy==1\n",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, content in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return tmp_path


@pytest.mark.parametrize("name", [name for name in FILES if name != "lib/unused.py"])
def test_fingerprint_changes_with_what_the_chapter_rests_on(root: Path, name: str) -> None:
    before = fresh_execution.fingerprint(CHAPTER, root)
    (root / name).write_text(FILES[name] + "# changed\n")
    assert fresh_execution.fingerprint(CHAPTER, root) != before


def test_fingerprint_ignores_modules_that_the_chapter_does_not_reach(root: Path) -> None:
    before = fresh_execution.fingerprint(CHAPTER, root)
    (root / "lib/unused.py").write_text("value = 3\n")
    assert fresh_execution.fingerprint(CHAPTER, root) == before


@pytest.mark.parametrize(
    ("chapter", "rests_on_it"),
    [
        ("load('stored')", True),
        ("from lib import stored", True),
        ("load('other')", False),
        ("# stored", False),
        ("%magic", True),
    ],
)
def test_fingerprint_changes_with_stored_results_that_the_chapter_names(
    root: Path, chapter: str, rests_on_it: bool
) -> None:
    (root / "lib/stored.py").write_text("")
    (root / "lib/stored.npz").write_bytes(b"1")
    chapter = f"```{{code-cell}} ipython3\n{chapter}\n```\n"
    before = fresh_execution.fingerprint(chapter, root)
    (root / "lib/stored.npz").write_bytes(b"2")
    assert (fresh_execution.fingerprint(chapter, root) != before) == rests_on_it


def test_fingerprint_changes_with_python(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = fresh_execution.fingerprint(CHAPTER, root)
    monkeypatch.setattr("platform.python_version", lambda: "4.0.0")
    assert fresh_execution.fingerprint(CHAPTER, root) != before


def test_a_cell_that_is_not_plain_python_counts_as_importing_everything(root: Path) -> None:
    chapter = "```{code-cell} ipython3\n%matplotlib inline\n```\n"
    before = fresh_execution.fingerprint(chapter, root)
    (root / "lib/unused.py").write_text("value = 3\n")
    assert fresh_execution.fingerprint(chapter, root) != before


def test_names_that_a_cell_imports() -> None:
    source = "import lib.one\nfrom lib import two\nfrom . import three\nfrom ..four import five\n"
    names = set(fresh_execution.imported_names(source, "lib.package"))
    assert {"lib.one", "lib.two", "lib.package.three", "lib.four.five"} <= names


def test_a_module_brings_the_packages_around_it(root: Path) -> None:
    modules = fresh_execution.modules_of(root / "lib")
    reached = fresh_execution.modules_behind(["lib.package._inner"], modules)
    assert reached == {"lib", "lib.package", "lib.package._inner", "lib.bottom"}
