"""What keeps a network from training: measure every layer, and name layer, number and remedy.

`Layers` is a table of measurements, one row per layer; `findings` turns it into causes, and
`verdict` into one line. The table may come from measurements or from a prediction.

Used in: book/not-training.md
"""

from lib.diagnose._rules import CAUSES, Finding, findings, verdict
from lib.diagnose._table import Layers

__all__ = ["CAUSES", "Finding", "Layers", "findings", "verdict"]
