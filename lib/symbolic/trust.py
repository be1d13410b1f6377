"""How a line was established, and the error of one that was not."""

from enum import IntEnum


class NotProved(Exception):
    """A statement was refuted, or no proof of it was found; the message says which and where.

    Attributes
    ----------
    counterexample : str or None
        The point at which the statement fails and the values of both sides there.
    """

    def __init__(self, message: str, counterexample: str | None = None) -> None:
        super().__init__(message)
        self.counterexample = counterexample


class Trust(IntEnum):
    """How a line was established, weakest first; a proof is worth its weakest part.

    Attributes
    ----------
    NONE
        Not at all: the line is refused.
    POINTS
        Both sides agree at many points, to fifty digits. That is evidence and no proof.
    SYMPY
        SymPy's simplifier, integrator, limits or solver decided.
    PROVED
        A chain of rules decided, or a normal form that is zero only for what is zero.

    Notes
    -----
    Used in: every derivation.
    """

    NONE = 0
    POINTS = 1
    SYMPY = 2
    PROVED = 3

    @property
    def words(self) -> str:
        """The level as a reader sees it."""
        return {
            Trust.NONE: "not proved",
            Trust.POINTS: "checked at points only",
            Trust.SYMPY: "proved by SymPy",
            Trust.PROVED: "proved",
        }[self]
