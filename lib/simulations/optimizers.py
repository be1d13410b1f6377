"""First steps of optimizers: book/optimizers.md."""

from functools import lru_cache

import numpy as np

from lib import training
from lib.experiments import adaptive

PLAIN_RATE, ADAM_RATE = 0.1, 0.001


@lru_cache(maxsize=256)
def first_ratios(hidden: int, rule: str, scale: int, epsilon: int) -> np.ndarray:
    """Update-to-weight ratios by layer of the first step.

    Parameters
    ----------
    hidden : int
        Hidden layers.
    rule : {"sgd", "adam", "sign"}
    scale : int
        Power of ten that multiplies the gradients.
    epsilon : int
        Power of ten of the epsilon of Adam.

    Returns
    -------
    ndarray, shape (hidden + 1,)
    """
    rules = {
        "sgd": training.sgd(PLAIN_RATE),
        "adam": training.adam(ADAM_RATE, epsilon=10.0**epsilon),
        "sign": training.adam(ADAM_RATE, epsilon=1e-100),
    }
    return adaptive.first_updates(hidden, rules[rule], 10.0**scale)
