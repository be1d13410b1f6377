"""What keeps a network from training: measure every layer, and name layer, number and remedy.

`diagnose` measures a PyTorch model on one batch, and `diagnose_arrays` a network of any framework.
`Layers` is the table of numbers, one row per layer; `findings` turns it into causes, and `verdict`
into one line. `lib.doctor.table` writes what theory predicts as such a table.

Used in: book/not-training.md
"""

from lib.diagnose._arrays import diagnose_arrays
from lib.diagnose._finding import Finding
from lib.diagnose._report import Report
from lib.diagnose._rules import CAUSES, findings, verdict
from lib.diagnose._table import Layers
from lib.diagnose._torch import diagnose

__all__ = [
    "CAUSES",
    "Finding",
    "Layers",
    "Report",
    "diagnose",
    "diagnose_arrays",
    "findings",
    "verdict",
]
