r"""The ledger: numbers that others have published, recomputed.

Each entry holds what was published and where, what comes out here, by how much the two may differ,
and a verdict that follows from the numbers alone. Nothing is entered by hand but the published
number, its place, and why the two differ where they do. Used in: ``book/ledger.md``.
"""

from lib.ledger._entry import EXACT as EXACT
from lib.ledger._entry import Entry, reading
from lib.ledger._recomputed import entries

__all__ = ["Entry", "entries", "reading"]
