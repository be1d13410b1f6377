"""Mean-field theory against simulation, and how width closes the gap between them.

For depth 50, width 1000 and 20 seeds, each activation on and off its critical point: the size of
the gradient at every layer, predicted and simulated (root mean square over seeds). One line a case
with the change over the whole depth and the root-mean-square difference over layers, both in
powers of ten. Then the same difference by width.

Run it with ``make bench``, or alone; it takes about two minutes.
"""

import time

import numpy as np

from lib import activations, chain
from lib.theory import mean_field

DEPTH, WIDTH, SEEDS, GOAL = 50, 1000, 20, 0.02
NAMES = ("sigmoid", "tanh", "relu", "leaky_relu", "elu", "selu", "gelu", "silu")
# Critical: tanh and ELU 1, ReLU and leaky ReLU 2, SELU 0.4768; others below.
VARIANCES = (0.476771017882753, 1.0, 2.0)
SEPARATE = (
    ("sigmoid", 103.007553855519, 0.0),
    ("gelu", 1.98305825744, 0.172922390756),
    ("silu", 1.98800467827, 0.555143170722),
    ("tanh", 1.76095463960674, 0.05),
    ("sigmoid", 1.0, 0.05),
)
WIDTHS = (50, 100, 200, 500, 1000)


def compared(
    log10_norm: np.ndarray, name: str, weight_variance: float, bias_variance: float = 0.0
) -> tuple[float, float, float]:
    """Predicted and simulated power of ten at layer 1, and the rms difference over layers."""
    relative = log10_norm - log10_norm[:, -1:]
    simulated = np.log10(np.mean(10.0 ** (2 * relative), axis=0)) / 2
    predicted = mean_field.log10_gradient(
        activations.get(name), depth=DEPTH, weight_variance=weight_variance,
        bias_variance=bias_variance,
    )  # fmt: skip
    difference = float(np.sqrt(np.mean((simulated - predicted) ** 2)))
    return float(predicted[0]), float(simulated[0]), difference


def line(name: str, variances: str, predicted: float, simulated: float, apart: float) -> None:
    """Print one case."""
    goal = max(GOAL, GOAL * abs(predicted))
    print(
        f"{name:10} {variances:28} predicted 10^{predicted:+8.3f}  simulated 10^{simulated:+8.3f}  "
        f"apart {apart:.4f}  goal {goal:.4f}  {'met' if apart <= goal else 'missed'}",
        flush=True,
    )


def simulated(
    names: tuple[str, ...], variances: tuple[float, ...], width: int
) -> dict[tuple[str, float], np.ndarray]:
    """Gradient norms of a grid without biases, by activation and weight variance."""
    grid = chain.sweep(
        chain.Grid(names, weight_variances=variances, depths=[DEPTH], width=width),
        batch=1,
        replicas=SEEDS,
        dtype="float32",
        seed=0,
        measure=chain.Measure(rescale=True),
    )
    return {
        (name, variance): grid.log10_gradient_norm[i, j, 0]
        for i, name in enumerate(names)
        for j, variance in enumerate(variances)
    }


def main() -> None:
    """Print one line a case."""
    start = time.perf_counter()
    for (name, variance), norms in simulated(NAMES, VARIANCES, WIDTH).items():
        line(name, f"weights {variance:8.4f}", *compared(norms, name, variance))
    for name, weights, biases in SEPARATE:
        run = chain.simulate(
            chain.MLP(
                name, depth=DEPTH, width=WIDTH, weight_variance=weights, bias_variance=biases
            ),
            batch=1,
            replicas=SEEDS,
            dtype="float32",
            seed=0,
            measure=chain.Measure(rescale=True),
        )
        told = compared(run.log10_gradient_norm, name, weights, biases)
        line(name, f"weights {weights:8.4f}, biases {biases:.4f}", *told)
    for width in WIDTHS:
        norms = simulated(("tanh", "relu"), (2.0,), width)
        apart = [compared(norms[name, 2.0], name, 2.0)[2] for name in ("tanh", "relu")]
        print(f"width {width:4}: weights 2, tanh apart {apart[0]:.4f}, ReLU apart {apart[1]:.4f}")
    print(f"{time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main()
