"""Runs the derivations of a page, and of everything else only what they need."""

import ast
import builtins
from collections.abc import Iterator
from typing import Any

import jupytext
from the_book import ROOT, pages, source_of

from lib.symbolic import Derivation


def cells_of(page: str) -> list[str]:
    """Return the code of a page's cells, without lines that only a notebook understands."""
    notebook = jupytext.reads(source_of(page), fmt="md:myst")
    return [c.source for c in notebook.cells if c.cell_type == "code" and "%" not in c.source[:1]]


def needed_cells(cells: list[str]) -> list[tuple[str, bool]]:
    """Return the cells that derive something, and those that define what they use."""
    parsed = [_names(cell) for cell in cells]
    derivations = {"Derivation"}
    wanted: dict[int, bool] = {}
    for index, (used, _, _) in enumerate(parsed):
        if used & derivations:
            wanted[index] = True
            tree = ast.parse(cells[index])
            for node in ast.walk(tree):
                if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
                    inside = {n.id for n in ast.walk(node.value) if isinstance(n, ast.Name)}
                    if inside & derivations and _chain_root(node.value) in derivations:
                        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                        derivations |= {t.id for t in targets if isinstance(t, ast.Name)}
    for index in sorted(wanted, reverse=True):
        _need(index, parsed, wanted)
    return [(cells[i], wanted[i]) for i in sorted(wanted)]


def needed_of(cells: list[str], holds: str) -> list[str]:
    """Return the cells that hold a text, and those that define what they use."""
    parsed = [_names(cell) for cell in cells]
    wanted = {i: True for i, cell in enumerate(cells) if holds in cell}
    for index in sorted(wanted, reverse=True):
        _need(index, parsed, wanted)
    return [cells[i] for i in sorted(wanted)]


def _chain_root(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def _need(index: int, parsed: list[Any], wanted: dict[int, bool]) -> None:
    missing = parsed[index][0] - set(dir(builtins))
    for earlier in range(index - 1, -1, -1):
        if parsed[earlier][1] & missing and earlier not in wanted:
            wanted[earlier] = False
            _need(earlier, parsed, wanted)


def _names(cell: str) -> tuple[set[str], set[str], set[str]]:
    tree = ast.parse(cell)
    used = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
    made = {
        n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            made.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            made |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
    return used, made, set()


def derivations_of(page: str) -> Iterator[tuple[str, Derivation]]:
    """Run a page's derivations and yield each with the code of its cell."""
    namespace: dict[str, Any] = {"display": lambda *_: None, "glue": lambda *_, **__: None}
    seen: list[Derivation] = []
    made = Derivation.__init__

    def noted(self: Derivation, *args: Any, **kwargs: Any) -> None:
        seen.append(self)
        made(self, *args, **kwargs)

    Derivation.__init__ = noted
    try:
        for number, (cell, derives) in enumerate(needed_cells(cells_of(page))):
            try:
                exec(compile(cell, f"<{page} cell {number}>", "exec"), namespace)
            except Exception as error:
                if derives:
                    raise AssertionError(f"{page}: {error}\n{cell}") from error
            while seen:
                yield cell, seen.pop(0)
    finally:
        Derivation.__init__ = made


__all__ = ["ROOT", "derivations_of", "pages"]
