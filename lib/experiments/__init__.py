"""Training runs that the chapters show: what was run, and the results that are shipped with it.

Every experiment is a module of this package with a function ``run(seeds)`` that trains networks on
data of :mod:`lib.datasets` and returns arrays by name. The results lie beside them, since all of
them together take two hours; ``make experiments`` computes them afresh, part by part, and goes on
after an interruption with the next part. ``load`` reads them::

    results = experiments.load("relu_family")
    results = experiments.run("relu_family", seeds=range(3))     # on this machine, now

Where learning rates are compared, each kind of network trains with several. The results are those
of the rate with the lowest mean training loss at the end, or of all, with an axis for the rates;
``choices`` lists which rates were chosen among which. Comparisons are made a table at a time, with
``compare``, or with ``trend`` for a dose.
"""

from lib.experiments.choosing import Choice
from lib.experiments.evidence import Comparison, Comparisons, compare, trend
from lib.experiments.results import Results, choices, load, names, run, with_rate

__all__ = [
    "Choice", "Comparison", "Comparisons", "Results", "choices", "compare", "load", "names", "run",
    "trend", "with_rate",
]  # fmt: skip
