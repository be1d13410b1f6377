"""The common experiment of chapters 5 to 8: ReLU, its leaks, PReLU, RReLU and ELU."""

import numpy as np
from matplotlib.axes import Axes

from lib import experiments
from lib.experiments import relu_family
from lib.figures.bands import band
from lib.figures.seeds import by_rate, differences
from lib.figures.style import COLORS, INK, panels

LABELS = {
    "relu": "ReLU", "leaky 0.01": "0.01", "leaky 0.1": "0.1", "leaky 2/11": "2/11",
    "leaky 0.25": "0.25", "leaky 0.5": "0.5", "prelu": "PReLU", "rrelu": "RReLU", "elu": "ELU",
}  # fmt: skip
# What each chapter compares; a number is the slope of a leaky ReLU.
CHAPTERS = {
    "leaky": ("relu", "leaky 0.01", "leaky 0.1", "leaky 0.25", "leaky 0.5"),
    "prelu": ("relu", "leaky 0.25", "prelu"),
    "rrelu": ("relu", "leaky 2/11", "prelu", "rrelu"),
    "elu": ("relu", "leaky 0.25", "elu"),
}
# Which kind minus which other one a chapter judges.
JUDGED = {
    "prelu": (("prelu", "leaky 0.25"), ("prelu", "leaky 0.5"), ("prelu", "relu")),
    "rrelu": (("rrelu", "leaky 2/11"), ("leaky 2/11", "relu"), ("prelu", "rrelu")),
    "elu": (("elu", "relu"), ("elu", "leaky 0.25")),
}
DIGITS = {"all": 1150, "few": relu_family.FEW}


@panels(2)
def compared(axes: tuple[Axes, Axes], *, chapter: str = "leaky", size: str = "all") -> str:
    """Training loss by learning rate, and test digits wrong of each network at the chosen rate."""
    results = experiments.load("relu_family")
    rates, kinds = results["rates"], CHAPTERS[chapter]
    names = list(relu_family.KINDS)
    left, right = axes
    fits = np.log10(results[f"train loss {size}"])
    by_rate(left, rates, {LABELS[kind]: fits[names.index(kind)] for kind in kinds})
    left.set(ylabel="Training loss, log₁₀", ylim=(-5, 0.5))
    told = []
    for place, kind in enumerate(kinds):
        wrong = 100 - 100 * relu_family.at_best(results, "test right", kind, size)
        spread = place + np.linspace(-0.25, 0.25, len(wrong))
        right.plot(spread, wrong, ".", color=COLORS[place], markersize=5)
        right.plot([place - 0.35, place + 0.35], [wrong.mean()] * 2, color=INK, linewidth=1.5)
        rate = rates[relu_family.best(results, kind, size)]
        told.append(f"{LABELS[kind]} {wrong.mean():.1f}% (rate {rate:.2g})")
    right.set(
        ylabel="Test digits wrong, %", xticks=range(len(kinds)), ylim=(0, 40),
        xticklabels=[LABELS[kind] for kind in kinds], xlim=(-0.6, len(kinds) - 0.4),
    )  # fmt: skip
    return f"{DIGITS[size]} digits to train on. Test digits wrong: {', '.join(told)}."


@panels(2, height=212)
def judged(axes: tuple[Axes, Axes], *, chapter: str = "prelu", size: str = "few") -> str:
    """Differences of two kinds, seed by seed: test digits wrong, and the test loss.

    At the rate that each kind has chosen, on "all" digits or on "few"; or with "rates", on few
    digits and averaged over the rates at which no network diverges.
    """
    results = experiments.load("relu_family")
    digits = DIGITS["all" if size == "all" else "few"]
    how = "over four rates" if size == "rates" else "at the chosen rates"
    told = []
    for ax, name, words in zip(
        axes, ("test right", "test loss"), ("Points wrong", "Test loss"), strict=True
    ):
        pairs = {}
        for kinds in JUDGED[chapter]:
            one, other = (
                relu_family.over_rates(results, name, kind)
                if size == "rates"
                else relu_family.at_best(results, name, kind, size)
                for kind in kinds
            )
            label = " − ".join(LABELS[kind] for kind in kinds)
            pairs[label] = (-100 * one, -100 * other) if name == "test right" else (one, other)
        found = experiments.compare(pairs, paired=True)
        rows = {label: one - other for label, (one, other) in pairs.items()}
        told.append(f"{words.lower()}: {differences(ax, rows, found)}")
        ax.set(xlabel=f"{words}, difference")
    return (
        f"Twenty seeds, {digits} digits to train on, {how}. "
        f"Means from top to bottom, {'; '.join(told)}."
    )


@panels(3, height=190)
def by_slope(axes: tuple[Axes, Axes, Axes]) -> str:
    """Slope of each seed's line through leaks, for errors and loss, and silent units by leak."""
    results, alphas = experiments.load("relu_family"), np.array(relu_family.ALPHAS)
    kinds = list(relu_family.KINDS)[: len(alphas)]
    told = []
    for ax, name, words in zip(
        axes, ("test right", "test loss"), ("Points wrong", "Test loss"), strict=False
    ):
        outcomes = {}
        for size, count in DIGITS.items():
            values = np.array([relu_family.at_best(results, name, kind, size) for kind in kinds])
            # For each tenth of the slope, and wrong instead of right.
            outcomes[f"{count} digits"] = values / 10 * (-100 if name == "test right" else 1)
        rows = {label: np.polyfit(alphas, values, 1)[0] for label, values in outcomes.items()}
        found = experiments.trend(alphas, outcomes)
        told.append(f"{words.lower()}: {differences(ax, rows, found)}")
        ax.set(xlabel=f"{words}, per 0.1 of α")
    silent = 100 * np.array([relu_family.at_best(results, "silent", kind) for kind in kinds])
    for place, values in enumerate(silent):
        spread = place + np.linspace(-0.25, 0.25, len(values))
        axes[2].plot(spread, values, "o", color=COLORS[0], markersize=3.2, alpha=0.6)
    axes[2].set(
        xlabel="Slope α", ylabel="Units silent, %", xticks=range(len(kinds)),
        xticklabels=["0", "0.01", "0.1", "", "0.25", "0.5"],
    )  # fmt: skip
    return (
        "Each dot is one of twenty seeds; left and middle: the slope of its line. Mean slopes with "
        f"{' and '.join(str(count) for count in DIGITS.values())} digits, {'; '.join(told)}."
    )


def slopes_by_layer(ax: Axes, *, epoch: int = 20) -> str:
    """Slope that PReLU has learned in each layer at its chosen rate, after some epochs."""
    results = experiments.load("relu_family")
    record = list(results["epochs"]).index(epoch)
    slopes = results["slopes"][record, :, relu_family.best(results, "prelu")]
    layer = np.arange(1, len(slopes) + 1)
    band(ax, layer, slopes)
    ax.axhline(0.25, color=INK, linestyle="--", linewidth=1)
    ax.set(xlabel="Layer", ylabel="Learned slope α", xlim=(1, len(slopes)), ylim=(-0.3, 1.2))
    middle = np.median(slopes, axis=1)
    return (
        f"After {epoch} epochs the median slope is {middle[0]:.2f} in layer 1 and "
        f"{middle[-1]:.2f} in layer {len(slopes)}; dashed: the start, 0.25."
    )


def table(chapter: str) -> str:
    """Write what a chapter compares as a Markdown table: means over the networks.

    Parameters
    ----------
    chapter : str
        Of `CHAPTERS`.
    """
    results = experiments.load("relu_family")
    rows = [
        "| Function | 1150 digits: rate | Training loss, log₁₀ | Test digits wrong (%) "
        "| 200 digits: rate | Training loss, log₁₀ | Test digits wrong (%) |",
        "|---|--:|--:|--:|--:|--:|--:|",
    ]
    for kind in CHAPTERS[chapter]:
        cells = [f"leaky, {LABELS[kind]}" if kind.startswith("leaky") else LABELS[kind]]
        for size in relu_family.SIZES:
            loss = np.log10(relu_family.at_best(results, "train loss", kind, size))
            wrong = 100 - 100 * relu_family.at_best(results, "test right", kind, size)
            rate = results["rates"][relu_family.best(results, kind, size)]
            cells += [f"{rate:.2g}", f"{loss.mean():.2f}".replace("-", "−"), f"{wrong.mean():.1f}"]
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)
