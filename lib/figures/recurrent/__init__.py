"""Figures of the chapter on recurrent networks: book/rnn-lstm.md."""

from lib.figures.recurrent._cliff import cliff
from lib.figures.recurrent._gradient import all_pairs, direct_and_total, memory_span, through_time
from lib.figures.recurrent._unrolled import lstm_unrolled, unrolled

__all__ = [
    "all_pairs", "cliff", "direct_and_total", "lstm_unrolled", "memory_span", "through_time",
    "unrolled",
]  # fmt: skip
