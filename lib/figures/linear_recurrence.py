"""Figures of the page on linear recurrences: book/linear-recurrence.md."""

import numpy as np
from matplotlib.axes import Axes

from lib import experiments
from lib.figures.style import (
    COLORS,
    INK,
    count,
    legend_above,
    log_axis,
    panels,
    power_of_ten,
    tall,
)
from lib.simulations.linear_recurrence import eigenvalues
from lib.theory import linear_recurrence as theory

SHOWN, LONGEST = 100, 1000
SMALLEST = 1e-8
NAMES = {
    "disk": "Even over the unit disk", "ring": "A ring near the circle, small angles",
    "chrono": "Chrono up to 200 steps",
}  # fmt: skip
NUMBERS = {2: "both", 3: "all three", 4: "all four", 5: "all five"}


@panels(2)
def one_eigenvalue(axes: tuple[Axes, ...], *, modulus: float = 0.99, turn: float = 0.0) -> str:
    """What is left of an input after many steps, and how strongly a gradient reaches back."""
    response = theory.impulse_response(modulus, 2 * np.pi * turn, SHOWN)
    steps = np.arange(SHOWN + 1)
    axes[0].axhline(0, color=INK, linewidth=0.8)
    axes[0].plot(steps, response, color=COLORS[0])
    axes[0].set(xlabel="Steps since the input", ylabel="Real part of the state",
                xlim=(0, SHOWN), ylim=(-1.05, 1.05))  # fmt: skip
    k = np.unique(np.geomspace(1, LONGEST, 60).round())
    size = np.maximum(modulus**k, SMALLEST / 10)
    axes[1].plot(k, size, color=COLORS[1])
    axes[1].axhline(0.5, color=INK, linestyle="--", linewidth=1)
    log_axis(axes[1].xaxis)
    log_axis(axes[1].yaxis)
    axes[1].set(xlabel="Steps back", ylabel="Size of the gradient", xlim=(1, LONGEST),
                ylim=(SMALLEST, 3))  # fmt: skip
    half = theory.half_life(modulus)
    over = [power_of_ten(n * np.log10(modulus)) for n in (SHOWN, LONGEST)]
    told = (
        f"Over {SHOWN} steps a gradient is multiplied by {over[0]}, over {LONGEST:,} by {over[1]}"
    )
    if np.isinf(half):
        return f"{told}: nothing is ever lost."
    return f"{told}. Half of it is left after {half:,.1f} steps."


def before_training(ax: Axes, *, drawn: str = "disk") -> str:
    """Eigenvalues of linear recurrences before training, in the unit disk."""
    modulus, angle = eigenvalues(drawn)
    circle = np.linspace(0, 2 * np.pi, 181)
    ax.plot(np.cos(circle), np.sin(circle), color=INK, linewidth=1)
    ax.plot(modulus * np.cos(angle), modulus * np.sin(angle), "o", color=COLORS[0], markersize=3.5)
    # As wide and high as the axes are, so that a circle is round.
    ax.set(xlim=(-1.8, 1.8), ylim=(-1.165, 1.165), xlabel="Real part", ylabel="Imaginary part")
    ax.set(aspect="equal", xticks=[-1, 0, 1], yticks=[-1, 0, 1])
    half = -np.log(2) / np.log(modulus)
    return (
        f"{NAMES[drawn]}: in this draw of {modulus.size} eigenvalues half have a half-life of more "
        f"than {np.median(half):.1f} steps, and {np.mean(half > 50):.0%} one of more than 50."
    )


def sensitivity(ax: Axes, *, normalized: bool = True) -> str:
    """How strongly a state responds to a change of its eigenvalue, against its lifetime."""
    lifetime = np.geomspace(2, 1e4, 50)
    r = 1 - 1 / lifetime
    named = {"angle": "the angle", "modulus": "the modulus", "nu": "ν"}
    styles = {"angle": "--", "modulus": "-", "nu": "-"}
    for color, (parameter, name) in zip(COLORS[1:], named.items(), strict=False):
        found = theory.sensitivity(r, parameter=parameter, normalized=normalized)
        ax.plot(lifetime, found, styles[parameter], color=color, label=name)
    log_axis(ax.xaxis)
    log_axis(ax.yaxis)
    ax.set(xlabel="Lifetime 1 / (1 − |λ|) in steps", ylabel="Derivative of a state, rms",
           xlim=(2, 1e4), ylim=(0.1, 1e7))  # fmt: skip
    legend_above(ax)
    at = 1 - 1e-3
    told = {
        name: float(theory.sensitivity(at, parameter=parameter, normalized=normalized))
        for parameter, name in named.items()
    }
    with_or_without = "With" if normalized else "Without"
    return (
        f"{with_or_without} the normalizing factor, at a lifetime of 1,000 steps: "
        f"{told['the modulus']:,.0f} with respect to the modulus, {told['the angle']:,.0f} with "
        f"respect to the angle, {told['ν']:,.2g} with respect to ν."
    )


@tall(300, title=False)
def trained(ax: Axes, *, task: str = "order 100") -> str:
    """Training steps until each seed of each kind solves a problem, or that it does not."""
    results = experiments.load("linear_recurrence")
    problem, length = task.split()
    column = [int(n) for n in results[f"lengths {problem}"]].index(int(length))
    solved_at = results[f"solved_at {problem}"][:, column].astype(float)
    success = results[f"success {problem}"][:, column].astype(float)
    kinds = [str(kind) for kind in results["kinds"]]
    longest, never = results["steps"].item(), results["steps"].item() * 1.22
    ax.axvline(longest * 1.04, color=INK, linestyle="--", linewidth=1)
    for row, kind in enumerate(kinds):
        color = COLORS[0 if "LRU" in kind else 2 if "selective" in kind else 1]
        at = np.where(np.isfinite(solved_at[row]), solved_at[row], never)
        # Seeds with the same number of steps stand beside each other.
        spread = np.linspace(-0.24, 0.24, at.size)
        ax.plot(at, row + spread, "o", color=color, markersize=4.5)
        ax.text(-30, row, kind, ha="right", va="center", fontsize=11)
    ax.text(never, -0.85, "not solved", ha="center", va="center", fontsize=10)
    ax.set(
        xlabel="Training steps until solved", xlim=(-0.62 * longest, 1.42 * longest), yticks=[],
        ylim=(len(kinds) - 0.4, -1.3), xticks=np.arange(0, longest + 1, longest // 4),
    )  # fmt: skip
    ax.grid(visible=False, axis="y")
    ax.spines[["left"]].set_visible(False)
    seeds = solved_at.shape[1]
    solves = np.isfinite(solved_at).sum(axis=1)
    whole = [kind for kind, n in zip(kinds, solves, strict=True) if n == seeds]
    part = [
        f"{kind} ({n} of {seeds})"
        for kind, n in zip(kinds, solves, strict=True) if 0 < n < seeds
    ]  # fmt: skip
    none = [
        f"{kind} ({100 * success[row].mean():.0f}% of the answers right)"
        for row, kind in enumerate(kinds) if solves[row] == 0
    ]  # fmt: skip
    every = NUMBERS.get(seeds, f"all {count(seeds, 'seed')}")
    told = f"Solved by {every} seeds: {', '.join(whole) or 'none'}."
    if part:
        told += f" By some: {', '.join(part)}."
    return told + (f" By none: {', '.join(none)}." if none else "")
