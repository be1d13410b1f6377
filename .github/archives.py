"""Archives that do not tell when they were made: the same bytes for the same files."""

import zipfile
from collections.abc import Iterable
from pathlib import Path


def write_archive(
    target: Path, files: Iterable[tuple[str, bytes]], stored: tuple[str, ...] = ()
) -> None:
    """Write files into an archive, by name and in their order; those `stored` stay as they are."""
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in files:
            entry = zipfile.ZipInfo(name)  # of 1980
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_STORED if name in stored else zipfile.ZIP_DEFLATED
            archive.writestr(entry, content, compresslevel=9)
