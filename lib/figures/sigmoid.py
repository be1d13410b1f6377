"""Figures of the chapter on the sigmoid: book/sigmoid.md."""

from functools import lru_cache

import numpy as np
from matplotlib.axes import Axes

from lib import activations, datasets, experiments, training
from lib.figures.bands import band
from lib.figures.style import COLORS, INK, panels

REFERENCE_TEMPERATURE = 70.0
POINTS = 120
PLANE = np.linspace(-2.2, 2.2, 67)


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
        ax.plot([probability], [here], "o", color=COLORS[1], markersize=9)
        ax.set(xlabel="Probability P", ylabel=name, xlim=(0, 1), ylim=limits)
        ax.set_title(f"{name}: {here:.2f}".replace("-", "−"))
    return (
        f"A probability of {probability:.2f} is odds of {odds:.2f} to 1 and a logit of "
        f"{_signed(logit)}. The opposite then has a logit of {_signed(-logit)}."
    )


def logistic_fit(ax: Axes, *, weight: float = 0.0, bias: float = 0.0) -> str:
    """Damage of 23 shuttle launches against temperature, with a logistic curve through it."""
    temperature, damaged = datasets.o_rings()
    logit = bias + weight * (temperature - REFERENCE_TEMPERATURE)
    loss = float(np.mean(np.logaddexp(0, logit) - damaged * logit))
    everybody = damaged.mean()
    guess = float(-(everybody * np.log(everybody) + (1 - everybody) * np.log(1 - everybody)))

    across = np.linspace(50, 84, 171)
    sigmoid = activations.sigmoid()
    ax.plot(
        across,
        sigmoid(bias + weight * (across - REFERENCE_TEMPERATURE)),
        color=COLORS[0],
        label="predicted probability",
    )
    ax.plot(temperature, damaged, "o", color=COLORS[1], alpha=0.6, label="launches")
    ax.set(xlabel="Temperature (°F)", ylabel="Damage", xlim=(50, 84), ylim=(-0.08, 1.08))
    ax.legend(loc="center right")
    verdict = "better than" if loss < guess - 5e-4 else "no better than"
    return (
        f"Loss {loss:.3f} per launch, {verdict} the {guess:.3f} of always predicting the overall "
        f"share of {everybody:.2f}."
    )


def tangent(ax: Axes, *, x: float = 0.0) -> str:
    """The sigmoid with its tangent at one input, and the slope of that tangent."""
    sigmoid = activations.sigmoid()
    across = np.linspace(-8, 8, 321)
    height, slope = float(sigmoid(np.float64(x))), float(sigmoid.derivative(np.float64(x)))
    near = np.array([x - 2.5, x + 2.5])
    ax.plot(across, sigmoid(across), color=COLORS[0], label="sigmoid")
    ax.plot(across, sigmoid.derivative(across), color=COLORS[2], label="its slope")
    ax.plot(near, height + slope * (near - x), color=COLORS[1], label="tangent")
    ax.plot([x, x], [height, slope], "o", color=INK, markersize=6)
    ax.set(xlabel="Input x", xlim=(-8, 8), ylim=(-0.35, 1.35))
    ax.legend(loc="upper left")
    return (
        f"At x = {x:g} the output is {height:.4f} and the slope {slope:.4f}: "
        f"{slope / 0.25:.1%} of the largest slope, 1/4."
    )


def _signed(value: float) -> str:
    return "0" if abs(value) < 0.005 else f"{value:+.2f}".replace("-", "−")


def deep_networks_learn(ax: Axes, *, hidden: int = 3) -> str:
    """Share of training digits that sigmoid networks get right, epoch by epoch."""
    results = experiments.load("saturation")
    right = 100 * results[f"train_accuracy sigmoid {hidden}"]
    band(ax, results["epochs"], right)
    ax.axhline(10, color=INK, linestyle="--", linewidth=1)
    ax.set(xlabel="Epoch", ylabel="Training digits right, %", xlim=(0, results["epochs"][-1]))
    ax.set_ylim(0, 103)
    rate = float(results[f"rate sigmoid {hidden}"])
    return (
        f"Hidden layers: {hidden}. After {results['epochs'][-1]:.0f} epochs {right[-1].min():.0f} "
        f"to {right[-1].max():.0f} percent are right ({right.shape[1]} networks, learning rate "
        f"{rate:g}, the best of five); dashed: guessing."
    )


@lru_cache(maxsize=64)
def trained_plane(points: str, activation: str) -> tuple[np.ndarray, float]:
    """Train a network of two hidden layers to tell two classes of points in the plane apart.

    Parameters
    ----------
    points : {"moons", "circles", "spirals"}
    activation : str
        Name of the activation of the hidden layers.

    Returns
    -------
    logits : ndarray, shape (rows, columns)
        On the grid of `PLANE` in both directions, the second coordinate going down the rows.
    right : float
        Share of the points that are classified rightly.
    """
    places, labels = getattr(datasets, points)(POINTS, rng=1)
    network = training.Network((2, 16, 16, 1), activations.get(activation))
    learner = training.Training(network, training.adam(0.02), [0])
    history = learner.run(places, labels, 400, batch=None, loss="logistic", record_every=400)
    grid = np.stack(np.meshgrid(PLANE, PLANE), axis=-1).reshape(-1, 2)
    logits = learner.predict(grid)[0].reshape(len(PLANE), len(PLANE))
    return logits, float(history.train_accuracy[-1][0])


def border(ax: Axes, *, points: str = "moons", activation: str = "linear") -> str:
    """Two classes of points, and the border that a network with a sigmoid output draws."""
    places, labels = getattr(datasets, points)(POINTS, rng=1)
    logits, right = trained_plane(points, activation)
    levels = [-np.inf, 0.0, np.inf]
    ax.contourf(PLANE, PLANE, logits, levels=levels, colors=COLORS[:2], alpha=0.18)
    for label in (0, 1):
        own = places[labels == label]
        ax.plot(own[:, 0], own[:, 1], ".", color=COLORS[label], markersize=5)
    ax.set(xlabel="First feature", ylabel="Second feature", xlim=(-2.2, 2.2), ylim=(-2.2, 2.2))
    curve = "no curve" if activation == "linear" else activations.get(activation).label
    return f"Hidden layers with {curve}: {right:.0%} of the {POINTS} points are on the right side."
