"""Training runs that the chapters show: what was run, and the results that are shipped with it.

Every module of this package has a function ``run(seeds)`` that trains networks on data of
:mod:`lib.datasets` and returns arrays by name. Their results lie beside them, since all of them
together take two hours; ``make experiments`` computes them afresh. ``load`` reads them::

    results = experiments.load("learned_slopes")
    results = experiments.run("learned_slopes", seeds=range(3))     # on this machine, now

Where learning rates are compared, each kind of network trains with several. The results are those
of the rate with the lowest mean training loss at the end, or of all, with an axis for the rates.
"""

from lib.experiments.evidence import Comparison, compare
from lib.experiments.results import Results, load, names, run, with_rate

__all__ = ["Comparison", "Results", "compare", "load", "names", "run", "with_rate"]
