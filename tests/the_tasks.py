"""The tasks of the chapters, without running the chapters: their imports, and their own cells."""

from functools import cache
from typing import Any

import jupytext
from the_book import source_of

from lib.ask.tasks import Task


@cache
def tasks_of(page: str) -> tuple[tuple[Task, Any], ...]:
    """Return every task of a page, with the function that its start defines."""
    cells = [
        c for c in jupytext.reads(source_of(page), fmt="md:myst").cells if c.cell_type == "code"
    ]
    space: dict[str, Any] = {}
    imports = next(cell for cell in cells if "import numpy" in cell.source)
    lines = imports.source.split("\n\n")
    exec("\n\n".join(part for part in lines if "import" in part), space)
    found = []
    for cell, start, check in zip(cells, cells[1:], cells[2:], strict=False):
        if "ask.task(" not in cell.source:
            continue
        exec(cell.source, space)
        name = check.source.partition(".check(")[0]
        made = space[name]
        own = dict(space)
        exec(start.source, own)
        assert check.source == f"{name}.check({made.function})"
        found.append((made, own[made.function]))
    return tuple(found)
