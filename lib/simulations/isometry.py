"""Singular values of random Jacobians: book/isometry.md."""

from functools import lru_cache

import numpy as np

from lib import chain

WIDTH, REPLICAS = 100, 4
VARIANCES = {"linear": 1.0, "tanh": 1.02, "relu": 2.0}


@lru_cache(maxsize=128)
def singular_values(activation: str, initializer: str, depth: int) -> np.ndarray:
    """Singular values of the Jacobian of random chains, with a mean square of 1.

    Parameters
    ----------
    activation : {"linear", "tanh", "relu"}
    initializer : {"normal", "orthogonal"}
    depth : int
        Number of weight matrices, with slopes between them.

    Returns
    -------
    ndarray of float64, shape (replicas, width)
    """
    if activation not in VARIANCES:
        raise ValueError(f"activation must be one of {tuple(VARIANCES)}; got {activation!r}")
    run = chain.simulate(
        chain.MLP(
            activation,
            depth=depth,
            width=WIDTH,
            initializer=initializer,
            weight_variance=VARIANCES[activation],
        ),
        batch=1,
        replicas=REPLICAS,
        measure=chain.Measure(jacobian=True),
    )
    assert run.jacobian is not None
    values = np.linalg.svd(run.jacobian, compute_uv=False)
    return np.asarray(values / np.sqrt(np.mean(values**2)))


@lru_cache(maxsize=8)
def products(kind: str) -> np.ndarray:
    """Products of 0 to 20 random 2 by 2 matrices, normal or orthogonal; shape (21, 2, 2)."""
    rng = np.random.default_rng(4)
    matrices = rng.standard_normal((20, 2, 2)) / np.sqrt(2)
    if kind == "orthogonal":
        matrices = np.linalg.qr(matrices)[0]
    found = [np.eye(2)]
    for matrix in matrices:
        found.append(matrix @ found[-1])
    return np.array(found)
