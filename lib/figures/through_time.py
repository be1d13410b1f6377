"""Figures of recurrent cells that have trained: book/rnn-lstm.md."""

import numpy as np
from matplotlib.axes import Axes

from lib import experiments
from lib.experiments import lags
from lib.figures.bands import band
from lib.figures.style import COLORS, INK, log_axis, panels, power_of_ten

CLIPPED_AT, SMALLEST_NORM, LARGEST_NORM = 1.0, 1e-4, 1e4
CIRCLE = 150  # area of a full circle, in square points
GROUPS = {"RNN": 0, "LSTM": 1, "GRU": 2}


def solved_by_length(ax: Axes) -> str:
    """Share of seeds that solve the temporal order problem, by kind of cell and by length."""
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
    ax.set(
        xlabel="Length of the sequences", xlim=(-2.6, len(lengths) - 0.4), yticks=[],
        ylim=(len(kinds) - 0.4, -0.6), xticks=range(len(lengths)), xticklabels=lengths,
    )  # fmt: skip
    ax.tick_params(labelsize=11)
    ax.grid(visible=False)
    ax.spines[["left"]].set_visible(False)
    ends = lags.failure(results)
    last = ", ".join(f"{kind} {end:.0f}" for kind, end in ends.items() if np.isfinite(end))
    never = " and ".join(kind for kind, end in ends.items() if np.isinf(end))
    seeds = solved_at.shape[2]
    told = f"The first length that fewer than half of {seeds} seeds solve: {last}."
    return f"{told} None up to {lengths[-1]}: {never}." if never else told


def reach_by_length(ax: Axes) -> str:
    """Gradient that reaches the first letter before training, and where each kind then fails."""
    results = experiments.load("through_time")
    lengths, ends = results["lengths"], lags.failure(results)
    at_failure = {}
    for kind, reach in zip(results["kinds"], results["reach"], strict=True):
        style = "-" if "," not in kind and "of" not in kind else "--"
        middle = np.median(reach, axis=1)
        ax.plot(lengths, 10.0**middle, style, color=COLORS[_group(kind)], linewidth=1.4)
        if np.isfinite(ends[kind]):
            at = list(lengths).index(ends[kind])
            at_failure[kind] = middle[at]
            ax.plot(
                [lengths[at]], [10.0 ** middle[at]], "X", color=COLORS[_group(kind)], markersize=9
            )
    log_axis(ax.xaxis)
    log_axis(ax.yaxis)
    ax.set(xlabel="Length of the sequences", ylabel="Gradient, first letter / last")
    least, most = (
        min(at_failure, key=at_failure.__getitem__),
        max(at_failure, key=at_failure.__getitem__),
    )
    return (
        f"Where a kind fails (cross), the gradient that reached the first letter at the start was "
        f"between {power_of_ten(at_failure[least])} ({least}) and "
        f"{power_of_ten(at_failure[most])} ({most})."
    )


@panels(2)
def while_training(axes: tuple[Axes, ...], *, kind: str = "LSTM, bias 1", length: int = 50) -> str:
    """Share of new sequences classified rightly, and the gradient's norm, while a kind trains."""
    results = experiments.load("through_time")
    row = list(results["kinds"]).index(kind)
    column = list(results["lengths"]).index(length)
    steps, solved_at = results["steps"], results["solved_at"][row, column]
    success, norm = (results[name][row, column] for name in ("success", "gradient_norm"))
    success = np.where(np.isnan(success) & (steps[:, None] > solved_at), 1.0, success)
    color = _group(kind)
    band(axes[0], steps, 100 * success, index=color)
    axes[0].axhline(25, color=INK, linestyle="--", linewidth=1)
    axes[0].set(ylabel="New sequences right, %", ylim=(0, 103))
    for replica in norm.T:
        axes[1].plot(steps, replica, color=COLORS[color], linewidth=1.2)
    axes[1].axhline(CLIPPED_AT, color=INK, linestyle="--", linewidth=1)
    axes[1].set_ylabel("Norm of the gradient")
    log_axis(axes[1].yaxis)
    axes[1].set_ylim(SMALLEST_NORM, LARGEST_NORM)
    for ax in axes:
        ax.set(xlabel="Step", xlim=(0, steps[-1]))
    if np.isnan(solved_at).all():
        return f"{kind} was not tried at length {length}: no seed had solved a shorter one."
    many, seeds = int(np.isfinite(solved_at).sum()), len(solved_at)
    when = f", after {_range(solved_at[np.isfinite(solved_at)])} steps" if many else ""
    return (
        f"{kind}, sequences of {length} steps: {many} of {seeds} seeds solve the problem{when} "
        f"(learning rate {results['rate'][row, column, 0]:g})."
    )


def digits_by_pixel(ax: Axes) -> str:
    """Test digits that each kind reads rightly, pixel by pixel."""
    results = experiments.load("through_time")
    kinds, right = results["kinds"], 100 * results["digit_accuracy"]
    for row, (kind, values) in enumerate(zip(kinds, right, strict=True)):
        color = COLORS[_group(kind)]
        ax.plot([values.min(), values.max()], [row, row], color=color, linewidth=5, alpha=0.3)
        ax.plot(values, np.full(len(values), row), "o", color=color, markersize=4.5)
        ax.text(right.min() - 1.5, row, kind, ha="right", va="center", fontsize=11)
    ax.set(
        xlabel="Test digits right, %", yticks=[], ylim=(len(kinds) - 0.4, -0.6),
        xlim=(right.min() - 0.3 * np.ptp(right) - 1, right.max() + 1),
    )  # fmt: skip
    ax.spines[["left"]].set_visible(False)
    means = right.mean(axis=1)
    best, worst = kinds[means.argmax()], kinds[means.argmin()]
    return (
        f"Best: {best}, {means.max():.0f} percent on average over {right.shape[1]} seeds. "
        f"Worst: {worst}, {means.min():.0f} percent."
    )


def _group(kind: str) -> int:
    """Color of the family that a kind belongs to."""
    return GROUPS[kind.split(",")[0].split()[0]]


def _range(values: np.ndarray) -> str:
    low, high = values.min(), values.max()
    return f"{low:.0f}" if low == high else f"{low:.0f} to {high:.0f}"
