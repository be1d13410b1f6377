"""Files that are whole or not there: written aside, put in place at once, refused by name."""

from __future__ import annotations

import os
import shutil
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from os import PathLike
from pathlib import Path
from secrets import token_hex
from typing import IO, Any

import numpy as np


@contextmanager
def replacing(file: str | PathLike[str]) -> Iterator[IO[bytes]]:
    """Open a file that takes the place of another when all of it is written, or not at all.

    Parameters
    ----------
    file : path
        A link is followed. What stands there keeps its permissions.

    Yields
    ------
    binary file
        In the same folder, under another name until the block ends without an exception.
    """
    path = Path(os.path.realpath(file))
    aside = path.with_name(f".{path.name}.{token_hex(8)}.part")
    try:
        with aside.open("xb") as opened:
            yield opened
            opened.flush()
            os.fsync(opened.fileno())
        if path.exists():
            shutil.copymode(path, aside)
        os.replace(aside, path)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise
    _keep_entry(path.parent)


def _keep_entry(folder: Path) -> None:
    """Have the new name of a file survive a power failure, where folders can be told so."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def archive(file: str | PathLike[str]) -> Path:
    """Path of an archive of arrays: a name without the suffix ``.npz`` gets it.

    >>> archive("a").name, archive("a.npz").name, archive("a.1").name
    ('a.npz', 'a.npz', 'a.1.npz')
    """
    path = Path(file)
    return path if path.suffix == ".npz" else path.with_name(f"{path.name}.npz")


def write_arrays(
    file: str | PathLike[str], arrays: Mapping[str, Any], *, compressed: bool = False
) -> None:
    """Write arrays by name to an archive, whole or not at all."""
    write: Any = np.savez_compressed if compressed else np.savez
    with replacing(archive(file)) as opened:
        write(opened, **arrays)


def read_arrays(file: str | PathLike[str]) -> dict[str, np.ndarray]:
    """Read all arrays of an archive.

    Raises
    ------
    FileNotFoundError
        If there is none.
    ValueError
        If the file is damaged, or no archive of arrays; the message names it.
    """
    path = archive(file)
    try:
        with path.open("rb") as opened, np.load(opened) as stored:
            return {name: stored[name] for name in stored.files}
    except (
        AttributeError, EOFError, KeyError, NotImplementedError, TypeError, ValueError, SyntaxError,
        zipfile.BadZipFile, zlib.error,
    ) as error:  # fmt: skip
        raise ValueError(
            f"file must be a whole .npz archive; {path} is damaged or none ({error})"
        ) from error
