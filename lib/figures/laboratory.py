"""Figures of the laboratory: book/laboratory.md."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from lib import laboratory
from lib.figures.style import COLORS, count, log_axis, panels, power_of_ten
from lib.laboratory import GRID, REACH, Look, Settings

SHOWN = 120  # points in the plane
LOWEST, HIGHEST = 1e-12, 1e4
GUESSING = {"digits": 10}  # classes, if not two


@panels(3)
def experiment(axes: tuple[Axes, Axes, Axes], *, name: str = "ten sigmoids", epoch: int = 0) -> str:
    """Data and border, loss so far, and every layer, of an experiment after some epochs."""
    played = laboratory.EXPERIMENTS[name]
    at = played.epochs.index(epoch)
    return _draw(axes, played.settings, laboratory.observed(name)[: at + 1], played.epochs[-1])


@panels(3)
def bench(
    axes: tuple[Axes, Axes, Axes],
    *,
    settings: Settings | Mapping[str, Any] | None = None,
    looks: Sequence[Look] = (),
) -> str:
    """Data and border, loss so far, and every layer, of a network in training."""
    if not isinstance(settings, Settings):
        settings = Settings(**(settings or {}))
    looks = looks or laboratory.Bench(settings).looks
    return _draw(axes, settings, looks, max(20, looks[-1].epoch))


def _draw(
    axes: tuple[Axes, Axes, Axes], settings: Settings, looks: Sequence[Look], until: int
) -> str:
    plane, course, layers = axes
    if settings.data == "digits":
        _digits(plane, looks[-1])
    else:
        _points(plane, settings, looks[-1])
    _losses(course, settings, looks, until)
    _layers(layers, settings, looks[-1])
    return _caption(settings, looks)


def _points(ax: Axes, settings: Settings, look: Look) -> None:
    side = np.linspace(-REACH, REACH, GRID)
    ax.contourf(
        side, side, look.outputs, levels=[-0.01, 0.5, 1.01], colors=COLORS[:2], alpha=0.18
    )  # fmt: skip
    places, classes = laboratory.points(settings.data)
    for label, mark in ((0, "o"), (1, "^")):
        x, y = places[classes == label][: SHOWN // 2].T
        ax.plot(x, y, mark, color=COLORS[label], markersize=3)
    ax.set(
        xlim=(-REACH, REACH), ylim=(-REACH, REACH), xticks=[], yticks=[], xlabel="the plane",
        title=f"{look.accuracy:.0%} right" if np.isfinite(look.accuracy) else "diverged",
    )  # fmt: skip
    ax.grid(visible=False)


def _digits(ax: Axes, look: Look) -> None:
    ax.bar(range(10), 100 * look.outputs, color=COLORS[0])
    ax.set(
        ylim=(0, 100), xticks=range(10), xlabel="digit", ylabel="told rightly, %",
        title=f"{look.accuracy:.0%} right" if np.isfinite(look.accuracy) else "diverged",
    )  # fmt: skip


def _losses(ax: Axes, settings: Settings, looks: Sequence[Look], until: int) -> None:
    guess = float(np.log(GUESSING.get(settings.data, 2)))
    ax.axhline(guess, color=COLORS[5], linewidth=1, linestyle="--")
    ax.plot([look.epoch for look in looks], [look.loss for look in looks], color=COLORS[0])
    ax.plot([looks[-1].epoch], [looks[-1].loss], "o", color=COLORS[0], markersize=5)
    ax.text(until, guess, "guessing", color=COLORS[5], ha="right", va="bottom", fontsize=11)
    ax.set(
        xlim=(-0.02 * until, 1.02 * until), ylim=(0, 1.8 * guess), xlabel="epochs", title="loss"
    )  # fmt: skip


def _layers(ax: Axes, settings: Settings, look: Look) -> None:
    layer, theory = np.arange(1, settings.depth + 1), laboratory.expected(settings)
    last = look.gradient[-1]
    with np.errstate(all="ignore"):
        shares = look.gradient / last if last > 0 else np.full(len(layer), np.nan)
        wanted = 10.0**theory.log10_gradient
    pairs = (
        (shares, wanted, COLORS[1], "gradient"),
        (look.spread, theory.spread, COLORS[0], "activations"),
    )
    for measured, predicted, color, label in pairs:
        ax.plot(layer, np.clip(predicted, LOWEST, HIGHEST), ":", color=color, linewidth=1.6)
        seen = np.where(measured > 0, np.clip(measured, LOWEST, HIGHEST), np.nan)
        ax.plot(layer, seen, "o-" if settings.depth == 1 else "-", color=color, label=label)
    # The share of dead units, from the bottom: a full bar is a fifth of the height.
    ax.bar(
        layer, 0.2 * np.nan_to_num(look.dead), color=COLORS[5], width=0.6,
        transform=ax.get_xaxis_transform(), zorder=0,
    )  # fmt: skip
    if settings.depth < 4:
        ax.set_xticks(layer)
    log_axis(ax.yaxis)
    ax.set(ylim=(LOWEST / 10, HIGHEST), xlim=(0, settings.depth + 1), xlabel="hidden layer")
    ax.legend(
        loc="lower left", bbox_to_anchor=(-0.05, 1.0), ncols=2, borderaxespad=0, fontsize=11,
        handlelength=1.0, handletextpad=0.4, columnspacing=0.8,
    )  # fmt: skip


def _caption(settings: Settings, looks: Sequence[Look]) -> str:
    look, units = looks[-1], settings.depth * settings.width
    when = "Before training" if look.epoch == 0 else f"After {count(look.epoch, 'epoch')}"
    if not np.isfinite(look.loss):
        return f"{when}: the loss has left the range of numbers, and the training has ended."
    first, last = look.gradient[0], look.gradient[-1]
    if last == 0:
        passed = "no gradient reaches the last hidden layer"
    elif first == 0:
        passed = "no gradient reaches layer 1"
    else:
        share = power_of_ten(float(np.log10(first / last)))
        passed = f"layer 1 gets {share} of the gradient of layer {settings.depth}"
    if settings.depth == 1:
        passed = "the one hidden layer gets all of the gradient"
    dead = round(float(look.dead.sum()) * settings.width)
    return (
        f"{when}: loss {look.loss:.2f}, {look.accuracy:.0%} of the test data right; {passed}. "
        f"{dead} of {count(units, 'hidden unit')} {'is' if dead == 1 else 'are'} dead."
    )
