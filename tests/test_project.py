"""What surrounds the book holds together: version, changelog, workflows."""

import ast
import importlib.util
import os
import re
import zipfile
from collections.abc import Iterator

import pytest
import the_book
import yaml
from the_book import ROOT

SPEC = importlib.util.spec_from_file_location("release", ROOT / ".github/release.py")
release = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(release)

WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))


def test_the_citation_names_the_version_of_the_package():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["version"] == release.version()


def test_notes_are_the_entry_of_that_version_alone():
    changelog = "## Unreleased\n\n- a\n\n## 1.2.0 (2026)\n\n- b\n\n## 1.2.0.1\n\n## 1.1\n\n- c\n"
    assert release.notes(changelog, "1.2.0") == "- b\n"
    assert release.notes(changelog, "1.1") == "- c\n"
    for missing in ("1.3", "1.2", "1.2.0.1", ""):
        with pytest.raises(ValueError, match="no entry for version"):
            release.notes(changelog, missing)


def test_the_address_of_a_fork_is_written_where_the_book_names_it():
    config = (ROOT / "_config.yml").read_text(encoding="utf-8")
    there = "https://github.com/someone/a-fork.of-it"
    changed = yaml.safe_load(release.with_address(config, there))
    before = yaml.safe_load(config)
    assert changed["repository"].pop("url") == there
    assert before["repository"].pop("url") != there
    assert changed == before
    for wrong in ("", "github.com/me/book", "https://github.com/me", "https://github.com/me/b ok"):
        with pytest.raises(ValueError, match="REPOSITORY="):
            release.with_address(config, wrong)
    with pytest.raises(ValueError, match="one url"):
        release.with_address("title: x\n", there)


def test_the_address_of_the_site_is_written_where_the_book_reads_it():
    config = (ROOT / "_config.yml").read_text(encoding="utf-8")
    for site in ("https://someone.github.io/a-fork", "http://localhost:8000/"):
        changed = yaml.safe_load(release.with_site(config, site))
        assert changed["html"].pop("baseurl") == site.rstrip("/") + "/"
        before = yaml.safe_load(config)
        assert before["html"].pop("baseurl") == ""
        assert changed == before
    for wrong in ("", "someone.github.io", "ftp://x.org", "https://x.org/a b", 'https://x.org/"'):
        with pytest.raises(ValueError, match="SITE="):
            release.with_site(config, wrong)
    with pytest.raises(ValueError, match="one baseurl"):
        release.with_site("title: x\n", "https://x.org")


def test_an_archive_holds_the_files_and_is_the_same_twice(tmp_path):
    (tmp_path / "site/book").mkdir(parents=True)
    for name in ("b.html", "book/a.html"):
        (tmp_path / "site" / name).write_text(name, encoding="utf-8")
    made = []
    for stamp in (10**9, 2 * 10**9 - 1):
        os.utime(tmp_path / "site/b.html", (stamp, stamp))
        release.write_zip(tmp_path / "site", tmp_path / "site.zip")
        made.append((tmp_path / "site.zip").read_bytes())
    assert made[0] == made[1]
    with zipfile.ZipFile(tmp_path / "site.zip") as archive:
        assert archive.namelist() == ["b.html", "book/a.html"]
        assert archive.read("book/a.html") == b"book/a.html"


def test_all_cases_have_their_turn_in_time_and_one_in_every_commit(monkeypatch):
    turns = []
    for commit in range(13, 26):
        monkeypatch.setattr(the_book, "commit", lambda commit=commit: commit)
        turns.append({n for n in range(30) if the_book.has_turn("test", n, 13)})
    assert set.union(*turns) == set(range(30))
    assert all(len(some) in (2, 3) for some in turns)


def test_workflows_call_commands_that_exist():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
    called = set()
    for path in WORKFLOWS:
        workflow = yaml.safe_load(path.read_text(encoding="utf-8"))
        assert all("timeout-minutes" in job or "needs" in job for job in workflow["jobs"].values())
        for job in workflow["jobs"].values():
            for step in job["steps"]:
                command = step.get("run", "")
                called.update(re.findall(r"\bmake ([a-z-]+)", command))
                assert not re.search(r"\$\{\{", command), (
                    "a value goes through env, never into code"
                )
    assert called == {"test-all", "links", "address", "book", "release", "notebooks"}
    assert called <= targets


# What a reader of the library takes in at a time, and what still takes more: by file, or by file
# and function.
LINES, BODY, PARAMETERS = 350, 40, 10
EXCEPTIONS: dict[str, int] = {}


def body_of(function: ast.FunctionDef) -> int:
    """Count the lines of a function without its first one and its docstring."""
    first, *others = function.body
    has_docstring = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    lines = others if has_docstring and isinstance(first.value.value, str) else function.body
    return lines[-1].end_lineno - lines[0].lineno + 1 if lines else 0


def parameters_of(function: ast.FunctionDef, method: bool) -> int:
    """Count the named parameters, without that for the object itself."""
    args = function.args
    static = any(getattr(d, "id", "") == "staticmethod" for d in function.decorator_list)
    return len([*args.posonlyargs, *args.args, *args.kwonlyargs]) - (method and not static)


def too_much(name: str, text: str) -> Iterator[tuple[str, int]]:
    """Yield the places of a module that exceed a limit, with what was counted there."""
    if len(text.splitlines()) > LINES:
        yield name, len(text.splitlines())
    tree = ast.parse(text)
    methods = {
        item for node in ast.walk(tree) if isinstance(node, ast.ClassDef) for item in node.body
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.FunctionDef):
            continue
        if body_of(node) > BODY:
            yield f"{name}: lines of {node.name}", body_of(node)
        public = node.name == "__init__" or not node.name.startswith("_")
        if public and (count := parameters_of(node, node in methods)) > PARAMETERS:
            yield f"{name}: parameters of {node.name}", count


def test_modules_and_functions_of_the_library_can_be_read_in_one_sitting():
    found = {}
    for path in sorted((ROOT / "lib").rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        found.update(too_much(name, path.read_text(encoding="utf-8")))
    assert {place: n for place, n in found.items() if n > EXCEPTIONS.get(place, 0)} == {}
    unneeded = EXCEPTIONS.keys() - found.keys()
    assert unneeded == set(), "these are exceptions no longer: take them off the list"


def test_what_exceeds_a_limit_is_found():
    long = "def f(x):\n" + '    """Do it."""\n' + "    x += 1\n" * 41
    names = ", ".join("abcdefghijk")
    assert dict(too_much("m.py", long)) == {"m.py: lines of f": 41}
    assert dict(too_much("m.py", long.removesuffix("    x += 1\n"))) == {}
    assert dict(too_much("m.py", f"def f({names}): ...")) == {"m.py: parameters of f": 11}
    assert dict(too_much("m.py", f"def _f({names}): ...")) == {}
    assert dict(too_much("m.py", f"class A:\n    def f({names}): ...")) == {}
    assert dict(too_much("m.py", f"def f({names[3:]}, *args, **kwargs): ...")) == {}
    assert dict(too_much("m.py", "x = 1\n" * 351)) == {"m.py": 351}


def computed(text: str) -> list[str]:
    """Find what a module draws at random, or keeps because it takes long to compute."""
    names = {"random", "default_rng", "lru_cache", "cache", "cached"}
    return [
        ast.unparse(node)
        for node in ast.walk(ast.parse(text))
        if getattr(node, "attr", getattr(node, "id", "")) in names
    ]


def test_figures_draw_numbers_that_others_compute():
    """What imports cannot show; the contract `numbers` in pyproject.toml holds the rest."""
    assert computed("x = np.random.default_rng(0).normal()") != []
    assert computed("@lru_cache(maxsize=8)\ndef f(): ...") != []
    found = {
        path.relative_to(ROOT).as_posix(): names
        for path in sorted((ROOT / "lib/figures").rglob("*.py"))
        if (names := computed(path.read_text(encoding="utf-8")))
    }
    assert found == {}
