"""Write wheels that Python in a page reads fast: compiled, without tests, the same bytes each time.

Runs with nothing but the standard library, so that a CPython of the version in the page can do it:
``python3.12 compiled_wheels.py source target [--keep-sources] [--docstrings]``.
"""

import ast
import importlib.util
import marshal
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path

EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time a zip file can hold
# Parts of a wheel that no cell uses.
LEFT_OUT = (
    "/tests/",
    "/sample_data/",
    "/benchmarks/",
    "/include/",
    "/pdfcorefonts/",
    "/fonts/afm/",
)
ENDINGS = (".pyi", ".a", ".h", ".pxd", ".exe", ".ipynb")


def is_used(name: str) -> bool:
    """Tell whether a member of a wheel goes into the page."""
    return not (any(part in name for part in LEFT_OUT) or name.endswith((*ENDINGS, "/")))


def without_docstrings(tree: ast.Module) -> ast.Module:
    """Drop the docstrings, a third of what compiled modules weigh, and keep the assertions."""
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    for node in ast.walk(tree):
        if isinstance(node, kinds) and ast.get_docstring(node, clean=False) is not None:
            first = node.body[0]
            node.body[:1] = [] if len(node.body) > 1 else [ast.copy_location(ast.Pass(), first)]
    return tree


def compiled(source: bytes, name: str, docstrings: bool) -> bytes:
    """Return the bytes of a ``.pyc`` that is never compared with its source."""
    tree = ast.parse(source, name)
    tree = tree if docstrings else without_docstrings(tree)
    code = compile(tree, name, "exec", dont_inherit=True, optimize=0)
    header = (0b01).to_bytes(4, "little") + importlib.util.source_hash(source)
    return importlib.util.MAGIC_NUMBER + header + marshal.dumps(code)


def compile_members(
    members: Mapping[str, bytes], keep_sources: bool, docstrings: bool
) -> dict[str, bytes]:
    """Put a ``.pyc`` in the place of every module, or beside it."""
    made = {}
    for name, content in members.items():
        if not name.endswith(".py"):
            made[name] = content
            continue
        try:
            code = compiled(content, name, docstrings)
        except SyntaxError:  # a template, not a module
            made[name] = content
            continue
        if keep_sources:
            made[name] = content
            folder, _, file = name.rpartition("/")
            cache = f"__pycache__/{file[:-3]}.{sys.implementation.cache_tag}.pyc"
            made[f"{folder}/{cache}" if folder else cache] = code
        else:
            made[f"{name}c"] = code
    return made


def write_zip(target: Path, members: Mapping[str, bytes]) -> None:
    """Write an archive whose bytes follow from the members alone."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sorted(members):
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            entry.create_system = 3
            archive.writestr(entry, members[name])


def used_members(source: Path) -> dict[str, bytes]:
    """Read what goes into the page from a wheel."""
    with zipfile.ZipFile(source) as archive:
        return {name: archive.read(name) for name in archive.namelist() if is_used(name)}


def main(source: str, target: str, *options: str) -> None:
    """Compile one wheel."""
    keep, docstrings = "--keep-sources" in options, "--docstrings" in options
    write_zip(Path(target), compile_members(used_members(Path(source)), keep, docstrings))


if __name__ == "__main__":
    main(*sys.argv[1:])
