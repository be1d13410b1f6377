"""What is put beside the pages for Python in the page."""

import importlib
import json
import sys
import zipfile
from pathlib import Path
from types import SimpleNamespace

import browser_python
import compiled_wheels
import pytest
from browser_python import TABLE, describe, lock, prepare, put_in_place
from the_book import ROOT
from verified_files import MissingFilesError, sha256


def test_the_table_names_every_dependency_and_license() -> None:
    packages = {**TABLE["pyodide"], **TABLE["pypi"]}
    for name, entry in packages.items():
        assert set(entry["depends"]) <= set(packages), name
        assert entry["license"], name
    assert all(len(digest) == 64 for digest in browser_python.wanted_files().values())


def test_packages_of_pypi_are_those_that_the_book_is_built_with() -> None:
    pins = dict(
        line.split(";")[0].strip().split("==")
        for line in (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
        if "==" in line and not line.startswith(("#", " "))
    )
    assert {name: entry["version"] for name, entry in TABLE["pypi"].items()} == {
        name: pins[name] for name in TABLE["pypi"]
    }


MODULE = b'''"""Doc."""


def checked(x):
    """Doc of a function."""
    assert x > 0, "not positive"
    return x


class Empty:
    """Doc of a class."""
'''


@pytest.mark.parametrize("keep", [False, True], ids=["compiled alone", "beside the source"])
def test_compiled_modules_do_what_their_sources_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, keep: bool
) -> None:
    members = {
        f"pack_{keep}/__init__.py": MODULE, f"pack_{keep}/tests/test_it.py": b"",
        f"pack_{keep}/broken.py": b"def (", f"pack_{keep}/data.txt": b"data",
    }  # fmt: skip
    compiled_wheels.write_zip(tmp_path / "source.whl", members)
    options = ["--keep-sources", "--docstrings"] if keep else []
    for name in ("one", "two"):
        compiled_wheels.main(str(tmp_path / "source.whl"), str(tmp_path / name), *options)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    with zipfile.ZipFile(tmp_path / "one") as wheel:
        wheel.extractall(tmp_path / "site")
        names = wheel.namelist()
    assert (f"pack_{keep}/__init__.py" in names) == keep
    assert not any("tests" in name for name in names)
    assert {f"pack_{keep}/broken.py", f"pack_{keep}/data.txt"} <= set(names)
    monkeypatch.syspath_prepend(tmp_path / "site")
    module = importlib.import_module(f"pack_{keep}")
    assert module.checked(3) == 3
    with pytest.raises(AssertionError, match="not positive"):
        module.checked(-1)
    assert module.checked.__doc__ == ("Doc of a function." if keep else None)
    assert module.Empty.__doc__ == ("Doc of a class." if keep else None)
    sys.modules.pop(f"pack_{keep}")


def every_file(tmp_path: Path) -> dict[str, Path]:
    names = [*browser_python.wanted_files(), *browser_python.KERNEL.values()]
    names += ["vanishing_gradients-0.1.0-py3-none-any.whl"]
    for name in names:
        (tmp_path / name).write_bytes(name.encode())
    return {name: tmp_path / name for name in names}


def test_the_lock_names_files_that_are_there_with_their_bytes(tmp_path: Path) -> None:
    files = every_file(tmp_path)
    packages = lock(files, "0.1.0")["packages"]
    for name, entry in packages.items():
        assert entry["sha256"] == sha256(files[entry["file_name"]].read_bytes())
        assert set(entry["depends"]) <= set(packages), name
    reached, waiting = set(), list(browser_python.STARTED_WITH)
    while waiting:
        if (name := waiting.pop()) not in reached:
            reached.add(name)
            waiting += packages[name]["depends"]
    assert set(packages) - reached == set(browser_python.LATER)


def fake_app(tmp_path: Path) -> SimpleNamespace:
    return SimpleNamespace(
        srcdir=ROOT, outdir=tmp_path / "html", builder=SimpleNamespace(format="html"),
        config=SimpleNamespace(live_code_in_page=True),
    )  # fmt: skip


def test_without_a_network_the_book_is_built_without_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def provide(*arguments: object) -> dict[str, Path]:
        raise MissingFilesError("1 of 2 files, the first pyodide.js")

    monkeypatch.setattr(browser_python, "provide", provide)
    app = fake_app(tmp_path)
    (tmp_path / "html/_static/python").mkdir(parents=True)
    (tmp_path / "html/_static/python/start.js").write_text("")
    (tmp_path / "html/_static/python/old.whl").write_text("")
    prepare(app)
    put_in_place(app, None)
    left = sorted(path.name for path in (tmp_path / "html/_static/python").iterdir())
    assert left == ["files.json", "start.js"]
    assert json.loads((tmp_path / "html/_static/python/files.json").read_text()) == {}


def test_what_is_there_is_told_to_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "files").mkdir()
    files = every_file(tmp_path / "files")
    made = tmp_path / "files/pyodide-lock.json"
    made.write_text(json.dumps(lock(files, "0.1.0")))
    files[made.name] = made
    monkeypatch.setattr(browser_python, "provide", lambda *arguments: files)
    app = fake_app(tmp_path)
    prepare(app)
    put_in_place(app, None)
    folder = tmp_path / "html/_static/python"
    told = json.loads((folder / "files.json").read_text())
    assert told == json.loads(json.dumps(describe(files)))
    for name, about in told["files"].items():
        assert sha256((folder / name).read_bytes()) == about["sha256"]
    later = sum(told["files"][name]["bytes"] for name in told["later"])
    assert told["bytes"] + later == sum(path.stat().st_size for path in files.values())
