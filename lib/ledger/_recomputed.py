"""Each published number as it comes out here, with its source."""

from collections.abc import Callable
from functools import cache

import numpy as np

from lib import activations, chain
from lib.ledger._entry import Entry, entry_of
from lib.theory import batch_norm, mean_field
from lib.theory.gaussian import expectation

# Norms of the error by hidden layer, as printed for networks of two, three and four hidden layers.
NIELSEN = ((0.0657, 0.3092), (0.0118, 0.060, 0.2831), (0.0030, 0.0171, 0.0695, 0.2851))

# Percent of dead units in layers 6 to 10, as printed.
DEAD = (46.88, 45.31, 47.66, 56.25, 43.75)


@cache
def entries() -> tuple[Entry, ...]:
    """Compute the ledger.

    Returns
    -------
    tuple of Entry
        In order of publication.

    Examples
    --------
    >>> from lib import ledger
    >>> rows = ledger.entries()
    >>> [row.verdict for row in rows if "2^50" in row.quantity]
    ['differs']
    """
    return tuple(entry() for entry in ENTRIES)


def _slope_bound() -> Entry:
    return entry_of(
        "hochreiter1997long", "Hochreiter and Schmidhuber 1997, section 3.1",
        "weight below which a logistic unit's error must shrink", "4.0",
        1 / activations.sigmoid().sup_slope, "the reciprocal of the largest slope",
    )  # fmt: skip


def _lecun_unit() -> Entry:
    value = float(activations.lecun_tanh()(1.0))
    return entry_of(
        "lecun1998efficient", "LeCun et al. 1998, section 4.4",
        "1.7159 tanh(2x/3) at x = 1", "1", value,
        "1.7159 is rounded: the value is 1 to five digits",
    )  # fmt: skip


def _lecun_curvature() -> Entry:
    at = 1.5 * float(np.arctanh(1 / np.sqrt(3)))
    return entry_of(
        "lecun1998efficient", "LeCun et al. 1998, section 4.4",
        "where the second derivative of 1.7159 tanh(2x/3) is largest", "1", at,
        "a zero of the third derivative, in closed form; the peak is so flat that 1 is as good",
    )  # fmt: skip


def _he_variance() -> Entry:
    weights, _ = mean_field.critical_line(activations.relu(), 1.0)
    return entry_of(
        "he2015delving", "He et al. 2015, equation 10",
        "weight variance times fan-in that keeps a ReLU network's signal", "2", float(weights),
        "from the gradient, which asks for the same",
    )  # fmt: skip


def _nielsen() -> Entry:
    steps = sum(len(norms) - 1 for norms in NIELSEN)
    published = np.prod([norms[0] / norms[-1] for norms in NIELSEN]) ** (1 / steps)
    run = chain.simulate(
        chain.MLP("sigmoid", depth=4, width=30, weight_variance=1.0, bias_variance=1.0),
        batch=1,
        replicas=400,
    )
    rates = run.gradient_ratio ** (1 / 3)
    return entry_of(
        "nielsen2015neural", "Nielsen 2015, chapter 5",
        "factor of the error's norm per hidden layer of 30 sigmoid units", f"{published:.3f}",
        np.median(rates),
        "six published ratios, their geometric mean; ours from 400 networks with the same weights "
        "and biases, random inputs and no data", deviation=float(np.std(rates)),
    )  # fmt: skip


def _rrelu_slope() -> Entry:
    return entry_of(
        "xu2015empirical", "Xu et al. 2015, on RReLU",
        "slope at test time as the mean slope while training", "1/5.5", np.log(8 / 3) / 5,
        "5.5 is the mean of the divisors, and the mean of a reciprocal is not the reciprocal "
        "of the mean",
    )  # fmt: skip


def _self_normalizing() -> tuple[float, float]:
    """Solve for alpha and lambda with E selu(z) = 0 and E selu(z)^2 = 1."""
    from scipy import optimize

    def moment(alpha: float, power: int) -> float:
        elu = activations.elu(alpha=alpha)
        return float(expectation(lambda h: elu.kernel(h) ** power, 1.0, breaks=(0.0,)))

    alpha = optimize.brentq(lambda a: moment(a, 1), 1.0, 3.0, xtol=1e-13)
    return float(alpha), float(1 / np.sqrt(moment(alpha, 2)))


def _selu_alpha() -> Entry:
    return entry_of(
        "klambauer2017self", "Klambauer et al. 2017", "alpha of SELU", "1.6733",
        _self_normalizing()[0], "solved for mean 0",
    )  # fmt: skip


def _selu_lambda() -> Entry:
    return entry_of(
        "klambauer2017self", "Klambauer et al. 2017", "lambda of SELU", "1.0507",
        _self_normalizing()[1], "solved for variance 1",
    )  # fmt: skip


def _relu_batch_norm() -> Entry:
    return entry_of(
        "yang2019mean", "Yang et al. 2019, theorem 8",
        "growth of the squared gradient per layer, ReLU after batch normalization",
        "π/(π − 1)", batch_norm.growth(activations.relu()),
        "for batches without end; ours by integration", exact=float(np.pi / (np.pi - 1)),
    )  # fmt: skip


def _fast_ai() -> Entry:
    products = float(np.log(np.finfo(np.float32).max) / np.log(np.sqrt(512)))
    return entry_of(
        "howard2019foundations", "Howard et al. 2019, notebook 02b",
        "products with a normal 512 by 512 matrix before float32 overflows", "28",
        np.floor(products), "each multiplies the size by the root of 512",
    )  # fmt: skip


def _critical_with_biases(name: str) -> tuple[float, float]:
    """Weight and bias variance at which both the variance's and the gradient's factor are 1."""
    phi = activations.get(name)

    def excess(log_q: float) -> float:
        step, q = 2e-3, float(np.exp(log_q))
        weights, biases = (float(v) for v in mean_field.critical_line(phi, q))
        around = mean_field.variance_map(
            phi, q * (1 + step * np.array([-2, -1, 1, 2])), weight_variance=weights,
            bias_variance=max(biases, 0.0),
        )  # fmt: skip
        return float(around @ np.array([1, -8, 8, -1]) / (12 * step * q) - 1)

    from scipy import optimize

    log_q = optimize.brentq(excess, np.log(1.0), np.log(30.0), xtol=1e-12)
    weights, biases = mean_field.critical_line(phi, np.exp(log_q))
    return float(weights), float(biases)


def _half_stable(name: str, label: str, variance: str, printed: str) -> Callable[[], Entry]:
    def entry() -> Entry:
        ours = _critical_with_biases(name)[variance == "biases"]
        return entry_of(
            "roberts2022principles", "Roberts et al. 2022, section 5.3.4",
            f"critical variance of the {variance}, {label}", printed, ours,
            "solved for both factors equal to 1",
        )  # fmt: skip

    return entry


def _stabilizes() -> Entry:
    variances = mean_field.variances(activations.tanh(), depth=17, weight_variance=1.0)
    return entry_of(
        "lippe2024uva", "Lippe 2024, tutorial 4",
        "variance of the activations of a deep tanh network with Xavier's weights", "0.25",
        variances[16],
        "ours after 16 layers: the variance falls like 1/(2L) and never settles; the tutorial's "
        "network is too shallow to show it",
    )  # fmt: skip


def _dead_at_start() -> Entry:
    run = chain.simulate(
        chain.MLP("relu", depth=10, width=128, initializer="pytorch_linear"), batch=500, replicas=20
    )
    share = 100 * run.dead_fraction[:, 5:].mean(axis=1)
    return entry_of(
        "lippe2024uva", "Lippe 2024, tutorial 3",
        "percent of dead units in the last five of ten ReLU layers, before training",
        f"{np.mean(DEAD):.2f}", share.mean(),
        "ours from 20 networks of width 128 and random inputs, without data: it is the default "
        "initialization, not the images", deviation=float(share.std()),
    )  # fmt: skip


def _tanh_after_batch_norm() -> Entry:
    mean_square = float(expectation(lambda h: np.tanh(h) ** 2, 1.0))
    return entry_of(
        "karpathy2022makemore", "Karpathy 2022, part 3",
        "standard deviation of tanh after batch normalization", "0.63 to 0.65", mean_square**0.5,
        "published by layer",
    )  # fmt: skip


def _tanh_gain() -> Entry:
    at = mean_field.fixed_point(activations.tanh(), weight_variance=25 / 9)
    std = float(np.sqrt(at.q_star / (25 / 9)))
    return entry_of(
        "karpathy2022makemore", "Karpathy 2022, part 3",
        "standard deviation of tanh activations with a gain of 5/3", "0.65", std,
        "at the fixed point of the variance",
    )  # fmt: skip


def _power_of_two() -> Entry:
    return entry_of(
        "neuromatch2021deep", "Neuromatch 2021, week 1, day 2", "2^50, in units of 10^15", "1.1256",
        2.0**50 / 1e15, "a slip in the last digit",
    )  # fmt: skip


ENTRIES: tuple[Callable[[], Entry], ...] = (
    _slope_bound, _lecun_unit, _lecun_curvature, _he_variance, _nielsen, _rrelu_slope,
    _selu_alpha, _selu_lambda, _relu_batch_norm, _fast_ai, _power_of_two,
    _half_stable("gelu", "GELU", "weights", "1.98305826"),
    _half_stable("gelu", "GELU", "biases", "0.17292239"),
    _half_stable("silu", "Swish", "weights", "1.98800468"),
    _half_stable("silu", "Swish", "biases", "0.55514317"),
    _tanh_after_batch_norm, _tanh_gain, _dead_at_start, _stabilizes,
)  # fmt: skip
