"""Gradients between any two times: Jacobians, their norms for all pairs, and clipping."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from lib._checks import choice, finite, instance, integer, real
from lib._numbers import norms, quiet, scale_down
from lib.recurrent._sequence import Trace


@quiet()
def one_step_jacobians(trace: Trace, *, sample: int = 0) -> np.ndarray:
    r"""Differentiate every state with respect to the one before.

    Parameters
    ----------
    trace : Trace
    sample : int
        Of the batch. Default 0.

    Returns
    -------
    ndarray, shape (steps, replicas, state, state)
        Entry :math:`t` is :math:`\partial s_{t+1} / \partial s_t`, counted from 0.
    """
    instance("trace", trace, Trace, "returned by the forward method of a cell")
    cell, size = trace.cell, trace.cell.state
    samples = trace.inputs.shape[3]
    if integer("sample", sample, 0) >= samples:
        raise ValueError(f"sample must be less than {samples}; got {sample}")
    at = slice(sample, sample + 1)
    directions = np.broadcast_to(np.eye(size), (trace.inputs.shape[1], size, size))
    blocks = cell.gates * cell.units
    scratch = cell.deltas((len(directions), blocks, size), trace.states.dtype, {})
    prepared = cell.prepared(trace.weights)
    rows = []
    for t in range(trace.steps):
        kept = {name: part[t][..., at] for name, part in trace.kept.items()}
        state = trace.states[t][..., at]
        below = cell.step_back(directions, state, kept, prepared, *scratch)
        rows.append(below.swapaxes(1, 2))
    return np.array(rows)


@quiet()
def jacobian(trace: Trace, later: int, earlier: int, *, sample: int = 0) -> np.ndarray:
    r"""Differentiate one state with respect to an earlier one.

    Parameters
    ----------
    trace : Trace
    later, earlier : int
        Numbers of steps taken, from 0 to the length of the sequence; `later` is not less.
    sample : int
        Of the batch. Default 0.

    Returns
    -------
    ndarray, shape (replicas, state, state)

    Raises
    ------
    ValueError
        If the times are out of range or out of order.
    """
    instance("trace", trace, Trace, "returned by the forward method of a cell")
    later = integer("later", later, 0)
    earlier = integer("earlier", earlier, 0)
    if not earlier <= later <= trace.steps:
        raise ValueError(
            f"earlier and later must be in order and at most {trace.steps}; "
            f"got {earlier} and {later}"
        )
    size = trace.cell.state
    product = np.broadcast_to(np.eye(size), (trace.inputs.shape[1], size, size))
    for step in one_step_jacobians(trace, sample=sample)[earlier:later]:
        product = step @ product
    return np.asarray(product)


@quiet()
def gradient_map(trace: Trace, *, sample: int = 0, block: str = "state") -> np.ndarray:
    r"""Size of the derivative of every state with respect to every earlier one.

    Parameters
    ----------
    trace : Trace
    sample : int
        Of the batch. Default 0.
    block : {"state", "cell"}
        The whole state (default), or the cell state of an LSTM alone; what goes through the hidden
        state in between is included.

    Returns
    -------
    ndarray of float64, shape (replicas, steps + 1, steps + 1)
        Decimal logarithm of the Frobenius norm over the root of the size, so that an identity has
        0; entry ``[r, t, s]`` is for state ``t`` and the earlier ``s``, NaN where ``s > t``.
        Products are rescaled on the way: nothing underflows.

    Raises
    ------
    ValueError
        If the cell has no cell state, or `block` is neither.
    """
    choice("block", block, ("state", "cell"))
    cell = instance("trace", trace, Trace, "returned by the forward method of a cell").cell
    if block == "cell" and cell.state == cell.units:
        raise ValueError("block must be 'state' for a cell without cell state")
    part = slice(cell.units if block == "cell" else 0, None)
    steps = one_step_jacobians(trace, sample=sample)
    length, replicas, size, _ = steps.shape
    result = np.full((replicas, length + 1, length + 1), np.nan)
    times = np.arange(length + 1)
    result[:, times, times] = 0.0
    products = np.broadcast_to(np.eye(size), steps.shape)
    logs = np.zeros((length, replicas))
    for lag in range(1, length + 1):
        products = products[lag > 1 :] if lag > 1 else products
        logs = logs[lag > 1 :] if lag > 1 else logs
        products = products @ steps[: len(products)]
        scale = np.abs(products).max(axis=(2, 3))
        scale[scale == 0] = 1.0
        products = products / scale[..., None, None]
        logs = logs + np.log10(scale)
        shown = products[..., part, part]
        with np.errstate(divide="ignore"):
            norms = np.log10(np.linalg.norm(shown, axis=(2, 3)) / np.sqrt(shown.shape[-1]))
        later = np.arange(lag, length + 1)
        result[:, later, later - lag] = (norms + logs).T
    return result


def clip_by_norm(gradients: Mapping[str, ArrayLike], threshold: float) -> dict[str, np.ndarray]:
    """Scale the gradients of each replica down to a norm, over all arrays together.

    Parameters
    ----------
    gradients : mapping of str to array_like
        The first axis counts replicas.
    threshold : float
        Positive.

    Returns
    -------
    dict of str to ndarray
        New arrays; integers become float64.

    Raises
    ------
    TypeError, ValueError
        If a gradient is not finite, or the arrays are not of the same replicas.

    References
    ----------
    Pascanu, Mikolov & Bengio, "On the difficulty of training recurrent neural networks", ICML
    2013, algorithm 1.

    Examples
    --------
    >>> import numpy as np
    >>> clip_by_norm({"w": np.array([[3.0, 4.0]])}, 1.0)["w"]
    array([[0.6, 0.8]])
    """
    threshold = real("threshold", threshold, least=0)
    if threshold == 0:
        raise ValueError(f"threshold must be positive; got {threshold!r}")
    instance("gradients", gradients, Mapping, "a mapping of names to arrays")
    arrays = {name: finite(f"gradients[{name!r}]", g).copy() for name, g in gradients.items()}
    shapes = {name: array.shape for name, array in arrays.items()}
    if not shapes or () in shapes.values() or len({shape[0] for shape in shapes.values()}) > 1:
        raise ValueError(
            f"gradients must be arrays whose first axis counts the same replicas; got {shapes}"
        )
    mantissa, exponent = norms(list(arrays.values()))
    for array in arrays.values():
        scale_down(array, mantissa, exponent, threshold)
    return arrays
