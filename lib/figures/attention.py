"""Figures of the page on attention and transformers: book/attention.md."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch

from lib.figures.drawing import BACKWARD, FORWARD, blank, canvas, edge, unit, write
from lib.figures.style import COLORS, INK, count, legend_above, log_axis, panels, power_of_ten, tall
from lib.simulations.attention import (
    TOKENS,
    likeness_after,
    log10_mean_square,
    measured,
    predicted,
    shares,
)

PLACEMENTS = {"pre": "pre-norm", "post": "post-norm"}


@canvas(460, 292)
def block(ax: Axes) -> str:
    """A transformer block twice: with the normalization before its branches, and after its sums."""
    blank(ax, 460, 292)
    _column(ax, 65.0, "pre")
    _column(ax, 300.0, "post")
    return (
        "The residual stream goes straight up. Pre-norm: the normalization stands in the branch. "
        "Post-norm: it stands in the stream, and every gradient has to pass it."
    )


def _column(ax: Axes, x: float, placement: str) -> None:
    """One block, from the bottom up."""
    post = placement == "post"
    write(ax, (x + 40, 282), PLACEMENTS[placement].capitalize(), fontweight="bold")
    write(ax, (x, 14), "x")
    stops = [24.0]
    for foot, name in ((38.0, "attention"), (154.0, "feed-forward")):
        total, heights = foot + (56.0 if post else 80.0), []
        if not post:
            heights.append((foot + 23.0, "norm"))
        heights.append((foot + (28.0 if post else 55.0), name))
        edge(ax, (x, foot), (x + 95, foot), gap=0, arrow=False)
        before = foot
        for height, text in heights:
            edge(ax, (x + 95, before), (x + 95, height - 11), gap=0)
            _box(ax, (x + 95, height), text, FORWARD if text != "norm" else BACKWARD)
            before = height + 11
        edge(ax, (x + 95, before), (x + 95, total), gap=0, arrow=False)
        edge(ax, (x + 95, total), (x, total), gap=(0, 11))
        unit(ax, (x, total), "+", radius=10.0)
        stops += [total - 10, total + 10]
        if post:
            _box(ax, (x, total + 32), "norm", BACKWARD)
            stops += [total + 21, total + 43]
    stops.append(270.0)
    for low, high in zip(stops[::2], stops[1::2], strict=True):
        edge(ax, (x, low), (x, high), gap=0, width=2.2)


def _box(ax: Axes, at: tuple[float, float], text: str, color: str) -> None:
    """Draw a box with a text, which hides nothing."""
    wide = 7.4 * len(text) + 12
    ax.add_patch(
        FancyBboxPatch(
            (at[0] - wide / 2, at[1] - 10), wide, 20, boxstyle="round,pad=0,rounding_size=5",
            facecolor="none", edgecolor=color, linewidth=1.6,
        )
    )  # fmt: skip
    write(ax, at, text, color=color, fontsize=11.5)


@tall(215)
def saturation(ax: Axes, *, entries: int = 64, scaled: bool = False, tokens: int = 16) -> str:
    """Shares of attention that a token gives to others, the largest first."""
    p, entropy = shares(entries, tokens, scaled)
    mean = p.mean(axis=0)
    place = np.arange(1, tokens + 1)
    ax.bar(place, mean, color=COLORS[0], width=0.8)
    ax.axhline(1 / tokens, color=INK, linewidth=1, linestyle="--", label="equal shares")
    ax.set(xlabel="Token, the most noticed first", ylabel="Share", ylim=(0, 1),
           xlim=(0.3, 16.7), xticks=[1, 4, 8, 12, 16])  # fmt: skip
    legend_above(ax)
    slope = float((p * (1 - p)).sum(axis=1).mean())
    return (
        f"Scores are products of random queries and keys{' over √d' if scaled else ''}. "
        f"The most noticed of {tokens} tokens gets {mean[0]:.0%} of the attention; entropy "
        f"{entropy:.0%} of the largest possible; the slopes p(1 − p) add up to {slope:.2g}."
    )


@panels(3)
def by_block(
    axes: tuple[Axes, Axes, Axes],
    *,
    placement: str = "post",
    scaling: str = "none",
    blocks: int = 24,
) -> str:
    """Likeness of tokens and gradients by block, simulated and, as lines, predicted."""
    run = measured(blocks, placement, scaling)
    theory = predicted(blocks, placement, scaling)
    left, middle, right = axes
    layer = np.arange(blocks + 1)
    left.plot(layer, theory.likeness, color=COLORS[2])
    left.plot(layer, run.likeness.mean(axis=0), "o", color=COLORS[2], markersize=3)
    left.set(title="Likeness of tokens", ylim=(0, 1.05))
    stream = log10_mean_square(run.log10_gradient_ratio)
    middle.plot(layer, 10**theory.log10_gradient, color=COLORS[3])
    middle.plot(layer, 10**stream, "o", color=COLORS[3], markersize=3)
    middle.set(title="Gradient of the stream")
    log_axis(middle.yaxis)
    middle.set_ylim(0.05, 20)
    told = {}
    for name, color, said in (("down", COLORS[0], "feed-forward"), ("query", COLORS[1], "queries")):
        norms = log10_mean_square(run.log10_weight_gradient_norm[name])
        expected = getattr(theory, f"log10_{name}_gradient")
        told[said] = norms[0] - norms[-1]
        right.plot(layer[1:], 10**expected, color=color, label=said)
        right.plot(layer[1:], 10**norms, "o", color=color, markersize=3)
    log_axis(right.yaxis)
    right.set(title="Gradient of the weights", ylim=(1e-9, 1e3))
    legend_above(right, fontsize=10, handlelength=1.3)
    for ax in axes:
        ax.set(xlabel="Block", xlim=(-0.7, 24.7), xticks=[0, 6, 12, 18, 24])
    changes = {name: power_of_ten(float(change)) for name, change in told.items()}
    return (
        f"{count(blocks, 'block')}, {PLACEMENTS[placement]}: likeness at the end "
        f"{run.likeness[:, -1].mean():.3g}; gradient of the first block over the last: "
        f"feed-forward {changes['feed-forward']}, queries {changes['queries']}."
    )


KINDS = (
    ("without skip", None, False, COLORS[1], "-"),
    ("post-norm", "post", True, COLORS[0], "--"),
    ("pre-norm", "pre", True, COLORS[2], "-."),
)


@panels(2)
def collapse(axes: tuple[Axes, Axes]) -> str:
    """How likeness of tokens changes in one attention layer, and how far it is from 1 by block."""
    left, right = axes
    c = np.linspace(0, 1, 41)
    mapped = [likeness_after(float(at)) for at in c]
    left.plot(c, c, color=INK, linewidth=1)
    left.plot(c, mapped, color=COLORS[1])
    left.set(title="Attention alone", xlabel="Likeness before", ylabel="Likeness after",
             xlim=(0, 1), ylim=(0, 1.03))  # fmt: skip
    ends = {}
    for name, placement, residual, color, style in KINDS:
        blocks = 12
        # Without a skip connection a normalization has to keep the signal from vanishing.
        settings = (blocks, placement or "pre", "none", residual)
        run, theory = measured(*settings), predicted(*settings)
        away = np.maximum(1 - theory.likeness, 1e-12)
        right.plot(np.arange(blocks + 1), away, style, color=color, label=name)
        simulated = 1 - run.likeness.mean(axis=0)
        seen = simulated > 2e-6  # single precision knows no smaller difference from 1
        right.plot(np.arange(blocks + 1)[seen], simulated[seen], "o", color=color, markersize=4)
        ends[name] = away[-1]
    right.set(xlabel="Block", ylabel="1 − likeness", xlim=(-0.4, 12.4))
    log_axis(right.yaxis)
    right.set_ylim(1e-7, 2)
    legend_above(right, columnspacing=0.6, fontsize=10)
    return (
        f"Left: {TOKENS} tokens, scores of variance 1; likeness 0 becomes {mapped[0]:.2f}. "
        "Right: after 12 whole blocks 1 − likeness is "
        f"{power_of_ten(float(np.log10(ends['post-norm'])))} with post-norm and "
        f"{ends['pre-norm']:.2f} with pre-norm."
    )
