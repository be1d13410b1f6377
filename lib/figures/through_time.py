"""Figures of recurrent cells that have trained: book/rnn-lstm.md and book/long-lags.md."""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from lib import experiments
from lib.experiments import lags
from lib.experiments.adding_and_copying import CHANCE
from lib.figures.style import COLORS, INK, legend_above, log_axis, panels, power_of_ten

LEAST_REACH, MOST_REACH = 1e-50, 1e5
CIRCLE = 150  # area of a full circle, in square points
NOTHING = -30.0  # powers of ten below this one are drawn at it, with their number beside them
_NAMES_AT = 1e-31
GROUPS = {"RNN": 0, "LSTM": 1, "GRU": 2}


def solved_by_length(ax: Axes) -> str:
    """Share of seeds that solve the temporal order problem, by kind of cell and by length.

    Where some seeds solve it and others do not, their number stands beside the circle; with a star
    the number that solve it with a larger rate.
    """
    results = experiments.load("through_time")
    kinds, lengths, solved_at = (results[name] for name in ("kinds", "lengths", "solved_at"))
    tried = ~np.isnan(solved_at).all(axis=2)
    share = np.isfinite(solved_at).mean(axis=2)
    row, column = np.nonzero(tried)
    ax.scatter(column, row, CIRCLE, facecolors="none", edgecolors=INK, linewidths=0.8)
    ax.scatter(
        column, row, CIRCLE * share[row, column], color=[COLORS[_group(kinds[r])] for r in row]
    )
    for place, kind in enumerate(kinds):
        ax.text(-0.8, place, kind, ha="right", va="center", fontsize=11)
    for r, c in zip(row, column, strict=True):
        if 0 < share[r, c] < 1:
            count = np.isfinite(solved_at[r, c]).sum()
            ax.text(c + 0.3, r - 0.32, f"{count}", ha="left", va="center", fontsize=11)
    larger = [
        (str(kind), int(length), int(np.isfinite(steps).sum()))
        for kind, length, steps in zip(
            *(results[f"also_{name}"] for name in ("kinds", "lengths", "solved_at")), strict=True
        )
    ]
    for kind, length, count in larger:
        if count:
            at = list(lengths).index(length) + 0.3, list(kinds).index(kind) - 0.32
            ax.text(*at, f"{count}*", ha="left", va="center", fontsize=11)
    ax.set(
        xlabel="Length of the sequences", xlim=(-2.6, len(lengths) - 0.2), yticks=[],
        ylim=(len(kinds) - 0.4, -0.6), xticks=range(len(lengths)), xticklabels=lengths,
    )  # fmt: skip
    ax.tick_params(labelsize=11)
    ax.grid(visible=False)
    ax.spines[["left"]].set_visible(False)
    ends = lags.failure(results)
    last = ", ".join(f"{kind} {end:.0f}" for kind, end in ends.items() if np.isfinite(end))
    never = " and ".join(kind for kind, end in ends.items() if np.isinf(end))
    seeds = solved_at.shape[2]
    told = f"The first length that fewer than half of {seeds} networks solve: {last}."
    told = f"{told} None up to {lengths[-1]}: {never}." if never else told
    more = ", ".join(f"{kind} {length}" for kind, length, count in larger if count)
    return f"{told} With a star: solved with a larger rate ({more})."


def reach_by_kind(ax: Axes, *, length: int = 100) -> str:
    """Gradient that reaches the first letter before training, and which kinds then solve it.

    Circles stand at the median of the seeds, and strokes above them at each.
    """
    results = experiments.load("through_time")
    kinds, lengths = results["kinds"], list(results["lengths"])
    column = lengths.index(length)
    reach = np.median(results["reach"][:, column, 0].astype(float), axis=1)
    tried = ~np.isnan(results["solved_at"][:, column]).all(axis=1)
    share = np.isfinite(results["solved_at"][:, column]).mean(axis=1)
    rows, arrives = np.arange(len(kinds)), 10.0 ** np.maximum(reach, NOTHING)
    ax.scatter(
        arrives[tried], rows[tried], CIRCLE, facecolors="none", edgecolors=INK, linewidths=0.8
    )
    colors = [COLORS[_group(kind)] for kind in kinds[tried]]
    ax.scatter(arrives[tried], rows[tried], CIRCLE * share[tried], color=colors)
    ax.scatter(arrives[~tried], rows[~tried], CIRCLE, color=INK, marker="x", linewidths=0.8)
    each = results["reach"][:, column, 0].astype(float)
    for row, kind in enumerate(kinds):
        ax.text(_NAMES_AT, row, kind, ha="right", va="center", fontsize=11)
        seeds = 10.0 ** np.maximum(each[row], NOTHING)
        ax.plot(seeds, np.full(seeds.size, row - 0.4), "|", color=INK, markersize=6)
        if reach[row] < NOTHING:
            ax.text(10.0 ** (NOTHING + 1.2), row, f"← {power_of_ten(reach[row])}", va="center",
                    fontsize=10)  # fmt: skip
    log_axis(ax.xaxis)
    ax.set(
        xlabel="Gradient, first letter / last input", xlim=(1e-47, 1e2), yticks=[],
        ylim=(len(kinds) - 0.4, -0.75), xticks=[1e-30, 1e-20, 1e-10, 1.0],
    )  # fmt: skip
    ax.spines[["left"]].set_visible(False)
    solves = share >= 0.5
    told = (
        f"At length {length}, {solves.sum()} of {tried.sum()} kinds solve it "
        "(three of five networks or more)."
    )
    fails = tried & ~solves
    for chosen, which, ends in ((solves, np.argmin, "does"), (fails, np.argmax, "does not")):
        if chosen.any():
            row = np.flatnonzero(chosen)[which(reach[chosen])]
            told += f" {kinds[row]}, with {power_of_ten(reach[row])} before training, {ends}."
    untried = len(kinds) - tried.sum()
    return f"{told} Not tried (crosses): {untried}." if untried else told


@panels(2)
def gates_over_time(
    axes: tuple[Axes, ...],
    *,
    words: Mapping[str, str],
    forget: Mapping[str, ArrayLike],
    written: Mapping[str, ArrayLike],
    cell: Mapping[str, ArrayLike],
    others: Mapping[str, ArrayLike] | None = None,
    order: str = "XY",
) -> str:
    """Forget gate of one cell at each letter, and what is written into the cell and kept in it.

    Parameters
    ----------
    axes : tuple of matplotlib.axes.Axes
    words : mapping of str to str
        A sequence for each order, as letters; those that count are in capitals.
    forget, written, cell : mapping of str to array_like, each of shape (steps,)
        For each order f_t, i_t g_t and c_t of the cell.
    others : mapping of str to array_like, each of shape (cells, steps), optional
        Forget gates of cells in other networks, as thin lines.
    order : str
        Which sequence to show.
    """
    forget, written, cell = (
        {name: np.asarray(row, float) for name, row in part.items()}
        for part in (forget, written, cell)
    )
    letters = words[order]
    steps = np.arange(1, len(letters) + 1)
    counts = np.array([letter.isupper() for letter in letters])
    for gate in np.asarray(others[order], float) if others else ():
        axes[0].plot(steps, gate, color=INK, linewidth=0.7)
    axes[0].plot(steps, forget[order], "o-", color=COLORS[1], markersize=4, linewidth=1.4)
    axes[0].set(ylabel="Forget gate", ylim=(0, 1.05))
    axes[1].bar(steps, written[order], width=0.6, color=COLORS[0], label="written")
    axes[1].plot(steps, cell[order], color=COLORS[1], label="in the cell")
    most = 1.15 * max(np.abs(values).max() for part in (written, cell) for values in part.values())
    axes[1].set(ylabel="Cell", ylim=(-most, most))
    legend_above(axes[1])
    for ax in axes:
        ax.set(xlabel="Letter", xticks=steps, xlim=(0.2, len(letters) + 0.8))
        ax.set_xticklabels(list(letters), fontsize=9.5)
        for step in steps[counts]:
            ax.axvline(step, color=INK, linewidth=0.8, linestyle=":")
    written_there, written_else = (np.abs(written[order][at]).mean() for at in (counts, ~counts))
    return (
        f"Order {order}. At the letters that count {written_there:.2f} is written on average, "
        f"without regard to the sign, and {written_else:.2f} at the others. The forget gate is "
        f"{forget[order][counts].mean():.2f} on average there and "
        f"{forget[order][~counts].mean():.2f} at the others."
    )


@panels(2)
def shuffled_labels(axes: tuple[Axes, ...]) -> str:
    """Update gates and gradient of a GRU that trains with true labels, and with shuffled ones."""
    results = experiments.load("shuffled_orders")
    steps, colors = results["steps"], (COLORS[0], COLORS[1])
    gates = results["update gate"].astype(float)
    reach = results["reach"].astype(float)
    success = results["success"].astype(float)
    for labels, color, gate, arrives in zip(
        map(str, results["labels"]), colors, gates, reach, strict=True
    ):
        for ax, values in ((axes[0], gate), (axes[1], 10.0**arrives)):
            lines = ax.plot(steps, values, color=color, linewidth=1.2)
            lines[0].set_label(f"{labels} labels")
    axes[0].set(ylabel="Update gate", ylim=(0.4, 1.0))
    axes[1].set_ylabel("Gradient, first letter / last input")
    log_axis(axes[1].yaxis)
    axes[1].set_ylim(1e-20, 1e3)
    for ax in axes:
        ax.set(xlabel="Step", xlim=(-20, steps[-1] + 20))
        legend_above(ax)
    last = gates[1, -1]
    return (
        f"With shuffled labels, too, the update gate rises, from {np.median(gates[1, 0]):.2f} to "
        f"{np.median(last):.2f} (medians of {last.size} networks), and the gradient at the first "
        f"letter from {power_of_ten(np.median(reach[1, 0]))} to "
        f"{power_of_ten(np.median(reach[1, -1]))} of that at the last input. Answers stay "
        f"guesses: {100 * np.median(success[1, -1]):.0f} percent are right."
    )


@panels(2)
def while_training(axes: tuple[Axes, ...], *, kind: str = "GRU", length: int = 100) -> str:
    """Share of new sequences classified rightly, and the gradient that reaches the first letter."""
    results = experiments.load("through_time")
    row = list(results["kinds"]).index(kind)
    column = list(results["lengths"]).index(length)
    steps, solved_at = results["steps"], results["solved_at"][row, column]
    success, reach = (results[name][row, column].astype(float) for name in ("success", "reach"))
    color = COLORS[_group(kind)]
    for seed, right in enumerate(success.T):
        axes[0].plot(steps, 100 * right, color=color, linewidth=1.4)
        axes[1].plot(steps, 10.0 ** reach[:, seed], color=color, linewidth=1.4)
        if np.isfinite(solved_at[seed]):
            last = np.flatnonzero(np.isfinite(right))[-1]
            for ax, height in ((axes[0], 100 * right[last]), (axes[1], 10.0 ** reach[last, seed])):
                ax.plot(steps[last], height, "o", color=color, markersize=6)
    axes[0].axhline(25, color=INK, linestyle="--", linewidth=1)
    axes[0].set(ylabel="New sequences right, %", ylim=(0, 105))
    axes[1].axhline(1, color=INK, linestyle="--", linewidth=1)
    axes[1].set_ylabel("Gradient, first letter / last input")
    log_axis(axes[1].yaxis)
    axes[1].set_ylim(LEAST_REACH, MOST_REACH)
    for ax in axes:
        ax.set(xlabel="Step", xlim=(-50, steps[-1] + 50))
    if np.isnan(solved_at).all():
        for ax, middle in ((axes[0], 52.5), (axes[1], (LEAST_REACH * MOST_REACH) ** 0.5)):
            ax.text(steps[-1] / 2, middle, "not tried", ha="center", va="center", color=COLORS[5])
        return f"{kind} was not tried at length {length}: no seed had solved a shorter one."
    solved = np.isfinite(solved_at)
    told = f"{kind}, length {length}: {solved.sum()} of {len(solved)} seeds solve it"
    told += f", after {_range(solved_at[solved])} steps." if solved.any() else "."
    at_start, end = np.median(reach[0]), np.median([_last(values) for values in reach.T])
    return (
        f"{told} The gradient at the first letter, {power_of_ten(at_start)} of that at the last "
        f"input before training, is {power_of_ten(end)} of it at the end."
    )


def digits_by_pixel(ax: Axes) -> str:
    """Test digits that each kind reads rightly, pixel by pixel."""
    results = experiments.load("through_time")
    right = 100 * results["digit_accuracy"]
    names_end = right.min() - 1.5
    ax.set(xlabel="Test digits right, %", xlim=(names_end - 0.36 * np.ptp(right), right.max() + 1))
    return _seeds_by_kind(ax, results["kinds"], right, names_end)


def adding_and_copying(ax: Axes, *, problem: str = "adding", length: int = 40) -> str:
    """New sums, or letters of a list, that each kind says rightly after training, seed by seed."""
    results = experiments.load("adding_and_copying")
    column = list(results["lengths"]).index(length)
    guess = 100 * CHANCE[problem]
    ax.axvline(guess, color=INK, linestyle="--", linewidth=1)
    ax.set(xlabel="Answers right, %", xlim=(-45, 103), xticks=[0, 25, 50, 75, 100])
    right = 100 * results[f"success {problem}"][:, column].astype(float)
    told = _seeds_by_kind(ax, results["kinds"], right, -4)
    return f"{told} Guessing: {guess:.1f} percent."


def _seeds_by_kind(ax: Axes, kinds: np.ndarray, right: np.ndarray, names_end: float) -> str:
    """Dots for the seeds of each kind, and who is best and worst."""
    for row, (kind, values) in enumerate(zip(kinds, right, strict=True)):
        color = COLORS[_group(kind)]
        ax.plot([values.min(), values.max()], [row, row], color=color, linewidth=5, alpha=0.3)
        ax.plot(values, np.full(len(values), row), "o", color=color, markersize=4.5)
        ax.text(names_end, row, kind, ha="right", va="center", fontsize=11)
    ax.set(yticks=[], ylim=(len(kinds) - 0.4, -0.6))
    ax.spines[["left"]].set_visible(False)
    means = right.mean(axis=1)
    best, worst = kinds[means.argmax()], kinds[means.argmin()]
    return (
        f"Best: {best}, {means.max():.0f} percent on average over {right.shape[1]} seeds. "
        f"Worst: {worst}, {means.min():.0f} percent."
    )


def _group(kind: str) -> int:
    """Color of the family that a kind belongs to."""
    return GROUPS[kind.split()[0]]


def _last(values: np.ndarray) -> float:
    """Last of the values that were measured."""
    return float(values[np.isfinite(values)][-1])


def _range(values: np.ndarray) -> str:
    low, high = values.min(), values.max()
    return f"{low:.0f}" if low == high else f"{low:.0f} to {high:.0f}"
