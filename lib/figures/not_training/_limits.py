"""Limits of the rules of diagnosis, as a table."""

import numpy as np

from lib.diagnose import _limits as healthy
from lib.figures.style import superscript


def _limits() -> str:
    """Write the limits of the rules of `lib.diagnose` as a table in Markdown."""
    few, many = f"{healthy.VANISHED:g}", f"{healthy.EXPLODED:,.0f}"
    worst = f"10{superscript(round(np.log10(healthy.SEVERE)))}"
    least = f"10{superscript(round(np.log10(healthy.UPDATE_LEAST)))}"
    rows = (
        ("Gradient of a layer / that of the last", f"{few} to {many}", "outside",
         f"beyond a factor of {worst}"),
        ("Signal / that of the input", f"{healthy.SHRUNK:g} to {healthy.GROWN:g}", "outside",
         f"above {1e4:,.0f}, or below one part in {worst}"),
        ("Likeness", f"up to {healthy.ALIKE}", "above", "no further limit"),
        ("Share of dead units", f"up to {healthy.DEAD:.0%}; {healthy.DEAD_IF_ALIKE:.0%} if the "
         "inputs are alike", "above", "above 90%"),
        ("Share of saturated outputs", f"up to {healthy.SATURATED:.0%}", "above",
         "80% or more"),
        ("Step / weights", f"{least} to {healthy.UPDATE_MOST}; about 0.001 is usual",
         "median layer below, or any layer above", f"1 or more, or below 10{superscript(-8)}"),
    )  # fmt: skip
    head = "| Number | Healthy | Suspect | Sick |\n|---|---|---|---|\n"
    return head + "\n".join(f"| {' | '.join(row)} |" for row in rows)


LIMITS = _limits()
