"""A published number beside ours, read as it is printed."""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation


@dataclass(frozen=True)
class Entry:
    """A published number beside the one computed here.

    Attributes
    ----------
    source : str
        Key of the work in the bibliography.
    where : str
        Author and year, and the place in the work.
    quantity : str
        What the number is.
    printed : str
        The published number as it is printed: ``"1.6733"``, ``"0.63 to 0.65"``, ``"1/5.5"``.
    published, ours : float
        Its value, of a range the middle; and the number computed here.
    tolerance : float
        Largest absolute difference that counts as agreement, by `published`'s rule.
    remark : str
        How ours was found; where the two differ, why.
    """

    source: str
    where: str
    quantity: str
    printed: str
    published: float
    ours: float
    tolerance: float
    remark: str

    @property
    def agrees(self) -> bool:
        """Whether the two differ by no more than the tolerance."""
        return bool(abs(self.ours - self.published) <= self.tolerance)

    @property
    def verdict(self) -> str:
        """In a word."""
        return "agrees" if self.agrees else "differs"


# What integration and root finding may be off by, beside a closed form.
EXACT = 1e-9


def reading(printed: str) -> tuple[float, float]:
    """Read a printed number: its value, and how far off a number that it stands for may be.

    Parameters
    ----------
    printed : str
        A decimal number, half a unit of whose last digit is the tolerance; a range of two such
        numbers joined by ``" to "``; or a quotient of two, which is exact.

    Returns
    -------
    tuple of float
        The value (of a range, the middle) and the tolerance.

    Raises
    ------
    ValueError
        If it is none of these.

    Examples
    --------
    >>> reading("1.6733"), reading("0.63 to 0.65"), reading("4/2")
    ((1.6733, 5e-05), (0.64, 0.015), (2.0, 1e-09))
    """
    if not isinstance(printed, str):
        raise TypeError(f"printed must be a string; got {printed!r}")
    try:
        if "/" in printed:
            above, below = (float(part) for part in printed.split("/"))
            return above / below, EXACT
        ends = [Decimal(part) for part in printed.split(" to ")]
    except (ValueError, InvalidOperation, ZeroDivisionError) as failure:
        raise ValueError(
            f"printed must be a number, a range or a quotient; got {printed!r}"
        ) from failure
    if len(ends) > 2:
        raise ValueError(f"printed must be a number, a range or a quotient; got {printed!r}")
    half_a_unit = Decimal(1).scaleb(int(ends[0].as_tuple().exponent)) / 2
    return float(sum(ends) / len(ends)), float((ends[-1] - ends[0]) / 2 + half_a_unit)


def entry_of(
    source: str,
    where: str,
    quantity: str,
    printed: str,
    ours: float,
    remark: str,
    *,
    exact: float | None = None,
    deviation: float | None = None,
) -> Entry:
    """Make an entry whose tolerance follows from how its number is printed.

    `exact` is the value of a closed form, `deviation` the standard deviation of a random number.
    """
    published, tolerance = reading(printed) if exact is None else (exact, EXACT)
    if deviation is not None:
        tolerance = 2 * deviation
    return Entry(source, where, quantity, printed, published, float(ours), tolerance, remark)
