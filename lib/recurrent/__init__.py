r"""Recurrent networks in NumPy: forward passes and exact backpropagation through time.

Arrays of a sequence have axes ``(step, replica, unit, sample)``; weights carry the axis of
replicas first. The only loop is the one over time: replicas and samples go through it together,
and the gradients of weights are one product for the whole sequence.

A gate that is nearly closed keeps at least half of its digits, down to the smallest number of the
dtype. What a saturated unit lets through on the way back, 1 - gate or 1 - tanh^2, is right to
rounding of 1: below that it is 0. float16 is computed in float16 throughout.
"""

from lib.recurrent._sequence import Cell, Gradients, Trace
from lib.recurrent.cells import GRU, LSTM, RNN
from lib.recurrent.linear import LRU, Selective
from lib.recurrent.stacked import TwoLayers
from lib.recurrent.starts import Start
from lib.recurrent.through_time import clip_by_norm, gradient_map, jacobian, one_step_jacobians

__all__ = [
    "GRU", "LRU", "LSTM", "RNN", "Cell", "Gradients", "Selective", "Start", "Trace", "TwoLayers",
    "clip_by_norm", "gradient_map", "jacobian", "one_step_jacobians",
]  # fmt: skip
