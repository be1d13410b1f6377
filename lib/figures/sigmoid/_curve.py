"""One sigmoid: its curve, its slope, and what it says of evidence."""

from itertools import pairwise

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch

from lib import activations, datasets
from lib.figures.drawing import (
    BACKWARD,
    FORWARD,
    SMALL,
    Label,
    blank,
    canvas,
    edge,
    number,
    unit,
    write,
)
from lib.figures.style import COLORS, INK, panels
from lib.simulations.sigmoid import fitted

REFERENCE_TEMPERATURE = 70.0
LAUNCH_TEMPERATURE = 31.0  # of January 28, 1986
ALARM = (0.8, 0.2)  # chance of an alarm with damage, and without
WIDE = (460, 190)  # pixels of a plot that is wider than others, to keep the page short


@panels(3)
def three_scales(axes: tuple[Axes, Axes, Axes], *, probability: float = 0.5) -> str:
    """One chance marked on three scales: probability, odds and logit, each against probability."""
    chance = np.linspace(0.01, 0.99, 197)
    odds, logit = probability / (1 - probability), np.log(probability / (1 - probability))
    curves = (
        ("Probability", chance, probability, (0, 1)),
        ("Odds", chance / (1 - chance), odds, (0, 50)),
        ("Logit", np.log(chance / (1 - chance)), logit, (-4.5, 4.5)),
    )
    for ax, (name, curve, here, limits) in zip(axes, curves, strict=True):
        ax.plot(chance, curve, color=COLORS[0])
        ax.plot([probability], [here], "o", color=COLORS[1], markersize=9, clip_on=False)
        ax.set(xlabel="Probability P", ylabel=name, xlim=(0, 1), ylim=limits)
        ax.set_title(f"{name}: {_fixed(here)}")
    return (
        f"A probability of {probability:.2f} is odds of {odds:.2f} to 1 and a logit of "
        f"{_signed(logit)}. The opposite then has a logit of {_signed(-logit)}."
    )


@canvas(440, 125)
def evidence(ax: Axes, *, alarms: int = 0) -> str:
    """Evidence as arrows along a ruler of log odds, with the probabilities that belong to it."""
    temperature, damaged = datasets.o_rings()
    cold = temperature <= REFERENCE_TEMPERATURE
    logit = np.log(damaged.sum() / (1 - damaged).sum())
    ratio = damaged[cold].sum() / damaged.sum() / ((1 - damaged)[cold].sum() / (1 - damaged).sum())
    gains = [np.log(ratio), *[np.log(ALARM[0] / ALARM[1])] * alarms]
    places = logit + np.concatenate([[0.0], np.cumsum(gains)])

    blank(ax, 440, 125)
    left, scale, ruler = 176.0, 54.0, 60.0
    ax.plot([left - 1.2 * scale, left + 4.4 * scale], [ruler, ruler], color=INK, linewidth=1.4)
    for tick in range(-1, 5):
        x = left + tick * scale
        ax.plot([x, x], [ruler - 4, ruler + 4], color=INK, linewidth=1.4)
        write(ax, (x, ruler - 9), f"{tick}".replace("-", "−"), va="top", fontsize=SMALL)
        shown = f"{100 / (1 + np.exp(-tick)):.0f}%"
        write(ax, (x, ruler - 36), shown, va="top", fontsize=SMALL, color=BACKWARD)
    write(ax, (8, ruler - 9), "log odds", va="top", ha="left", fontsize=SMALL)
    write(ax, (8, ruler - 36), "probability", va="top", ha="left", fontsize=SMALL, color=BACKWARD)
    for step, (one, two) in enumerate(pairwise(places)):
        start, end = ((float(left + place * scale), ruler + 22) for place in (one, two))
        text = f"{_signed(two - one)}" + ("\ncold" if step == 0 else "\nalarm")
        label = Label(text, side=12)
        edge(ax, start, end, label, color=FORWARD, gap=(2, 5), width=2, fontsize=SMALL)
    for place in places:
        ax.plot([left + place * scale], [ruler], "o", color=FORWARD, markersize=7)
    last = places[-1]
    if alarms == 0:
        word = "no alarm"
    else:
        word = "1 alarm" if alarms == 1 else f"{alarms} alarms"
    return (
        f"With {word}: log odds {_signed(logit)} at first, {_signed(places[1])} because of the "
        f"cold, {_signed(last)} in the end. That is a probability of {1 / (1 + np.exp(-last)):.2f}."
    )


@canvas(*WIDE)
def logistic_fit(ax: Axes, *, weight: float = 0.0, bias: float = 0.0) -> str:
    """Damage of 23 shuttle launches against temperature, with a logistic curve through it."""
    plot_on(ax, *WIDE)
    temperature, damaged = datasets.o_rings()
    logit = bias + weight * (temperature - REFERENCE_TEMPERATURE)
    loss = float(np.mean(np.logaddexp(0, logit) - damaged * logit))
    everybody = damaged.mean()
    guess = float(-(everybody * np.log(everybody) + (1 - everybody) * np.log(1 - everybody)))

    across = np.linspace(28, 84, 225)
    sigmoid = activations.sigmoid()
    curve = sigmoid(bias + weight * (across - REFERENCE_TEMPERATURE))
    ax.plot(across, curve, color=COLORS[0])
    ax.plot(temperature, damaged, "o", color=COLORS[1], alpha=0.6)
    ax.axvline(LAUNCH_TEMPERATURE, color=INK, linestyle="--", linewidth=1)
    ax.text(LAUNCH_TEMPERATURE + 1, 0.06, "31 °F", va="bottom", fontsize=13)
    there = float(sigmoid(bias + weight * (LAUNCH_TEMPERATURE - REFERENCE_TEMPERATURE)))
    ax.plot([LAUNCH_TEMPERATURE], [there], "o", color=COLORS[0], markersize=8)
    ax.set(xlabel="Temperature (°F)", xlim=(28, 84), ylim=(-0.08, 1.08))
    ax.set_ylabel("Probability of damage", color=COLORS[0])
    ax.set_title("Dots: launches, 1 with damage, 0 without", color=COLORS[1], fontsize=12)
    if abs(loss - guess) < 5e-4:
        verdict = "as good as"
    else:
        verdict = "better than" if loss < guess else "worse than"
    return (
        f"Loss {loss:.3f}, {verdict} {guess:.3f} for always saying {everybody:.2f}. "
        f"At 31 °F: {there:.3f}."
    )


@canvas(440, 165)
def logistic_unit(ax: Axes, *, temperature: float = 70.0) -> str:
    """A unit with its inputs, weights, sum and sigmoid, and the probability that it returns."""
    constant, weight = fitted()
    h = constant + weight * temperature
    probability = 1 / (1 + np.exp(-h))
    blank(ax, 440, 165)
    ax.add_patch(
        FancyBboxPatch(
            (172, 38), 166, 92, boxstyle="round,pad=4,rounding_size=16", facecolor="none",
            edgecolor=INK, linewidth=1, linestyle="--",
        )
    )  # fmt: skip
    write(ax, (255, 22), "one unit", fontsize=SMALL)
    one, x, more, total, curve = (52, 140), (52, 82), (52, 22), (205, 84), (300, 84)
    unit(ax, one, "1")
    unit(ax, x, number(temperature), color=FORWARD)
    write(ax, (52, 52), "temperature x₁", fontsize=SMALL)
    write(ax, (52, 22), "x₂ … xₙ", color=COLORS[5], fontsize=SMALL)
    first = Label(f"w₀ = {number(constant, 4)}", side=15, along=0.24)
    edge(ax, one, total, first, fontsize=SMALL, ha="left")
    second = Label(f"w₁ = {number(weight, 3)}", side=10, along=0.36)
    edge(ax, x, total, second, fontsize=SMALL)
    edge(ax, more, total, color=COLORS[5], dashed=True, gap=(32, 21))
    unit(ax, total, "Σ", fontsize=16)
    unit(ax, curve, "σ", fontsize=16)
    edge(ax, total, curve, Label(f"h = {_fixed(h)}", side=10), color=FORWARD, fontsize=SMALL)
    edge(ax, curve, (425, 84), color=FORWARD, gap=(21, 0))
    write(ax, (390, 94), f"P = {probability:.4f}", color=FORWARD, va="bottom")
    return (
        f"At {temperature:g} °F the weighted sum is {_fixed(h)}, and the probability of damage "
        f"{probability:.4f}."
    )


@canvas(*WIDE)
def tangent(ax: Axes, *, x: float = 0.0) -> str:
    """The sigmoid with its tangent at one input, and its slope as far out as that input."""
    plot_on(ax, *WIDE)
    sigmoid = activations.sigmoid()
    across = np.linspace(-8, 8, 321)
    height, slope = float(sigmoid(np.float64(x))), float(sigmoid.derivative(np.float64(x)))
    near, seen = np.array([x - 2.5, x + 2.5]), across[np.abs(across) <= abs(x) + 1e-9]
    ax.plot(across, sigmoid(across), color=COLORS[0])
    ax.plot(seen, sigmoid.derivative(seen), color=COLORS[2])
    ax.plot(near, height + slope * (near - x), color=COLORS[1])
    ax.plot([x, x], [height, slope], "o", color=INK, markersize=6)
    ax.set(xlabel="Input x", xlim=(-8, 8), ylim=(-0.35, 1.35))
    ax.text(7.8, 0.92, "sigmoid", color=COLORS[0], ha="right", va="top")
    ax.text(7.8, 0.05, "its slope", color=COLORS[2], ha="right", va="bottom")
    ax.text(-7.8, 1.2, "tangent", color=COLORS[1], ha="left", va="bottom")
    return (
        f"At x = {_minus(f'{x:g}')} the output is {height:.4f} and the slope {slope:.4f}, "
        f"{slope / 0.25:.1%} of 1/4."
    )


@panels(2)
def two_losses(axes: tuple[Axes, Axes], *, h: float = -4.0) -> str:
    """Cross-entropy and squared error of an output unit with label 0, and their slopes."""
    across = np.linspace(-8, h, 200)
    probability = 1 / (1 + np.exp(-across))
    losses = np.logaddexp(0, across), probability**2 / 2
    slopes = probability, probability**2 * (1 - probability)
    left, right = axes
    for ax, curves in ((left, losses), (right, slopes)):
        for curve, color in zip(curves, COLORS, strict=False):
            ax.plot(across, curve, color=color)
            ax.plot([h], curve[-1:], "o", color=color, markersize=7, clip_on=False)
        ax.set(xlabel="Logit h, label 0", xlim=(-8, 8), xticks=range(-8, 9, 4))
        ax.text(0.04, 0.93, "cross-entropy", color=COLORS[0], transform=ax.transAxes)
        ax.text(0.04, 0.82, "squared error", color=COLORS[1], transform=ax.transAxes)
    left.set(title="Loss", ylim=(0, 8.5))
    right.set(title="Slope of the loss", ylim=(0, 1.3))
    return (
        f"The unit says {probability[-1]:.4f}. Slopes: cross-entropy {slopes[0][-1]:.4f}, "
        f"squared error {slopes[1][-1]:.4f}."
    )


def plot_on(ax: Axes, width: int, height: int) -> None:
    """Leave room for labels on a canvas, as a plot of the usual size has it."""
    left, right, bottom, top = 60 / width, 14 / width, 46 / height, 28 / height
    ax.set_position((left, bottom, 1 - left - right, 1 - bottom - top))
    ax.set_axisbelow(True)
    ax.yaxis.set_label_coords(-46 / (width - 74), 0.5)
    ax.xaxis.set_label_coords(0.5, -27 / (height - 74))


def _minus(text: str) -> str:
    return text.replace("-", "−")


def _fixed(value: float) -> str:
    return "0.00" if abs(value) < 0.005 else _minus(f"{value:.2f}")


def _signed(value: float) -> str:
    return "0" if abs(value) < 0.005 else _minus(f"{value:+.2f}")
