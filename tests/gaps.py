"""Runs the cells of a page that ask for a missing line, and what they need."""

from dataclasses import replace
from typing import Any

import numpy as np
import sympy as sp
from derivations import cells_of, needed_of

from lib import ask
from lib.ask.gaps import Gap
from lib.symbolic import Derivation


def gaps_of(page: str) -> list[Gap]:
    """Return the gaps of a page, in their order.

    The build proves the derivations of the page; here their lines are only written down.
    """
    found: list[Gap] = []
    made, proved = ask.gap, Derivation._prove

    def noted(*args: Any, **kwargs: Any) -> Gap:
        found.append(made(*args, **kwargs))
        return found[-1]

    def written(self: Derivation, line: Any, proof: Any) -> Derivation:
        self.lines.append(replace(line, trust="proved"))
        return self

    space: dict[str, Any] = {"sp": sp, "np": np, "ask": ask, "Derivation": Derivation}
    cells = [cell for cell in cells_of(page) if "Derivation(" in cell or "Derivation.of" in cell]
    ask.gap, Derivation._prove = noted, written
    try:
        for cell in needed_of(cells, "ask.gap("):
            exec(compile(cell, f"<{page}>", "exec"), space)
    finally:
        ask.gap, Derivation._prove = made, proved
    return found
