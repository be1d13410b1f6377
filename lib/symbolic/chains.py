"""The relation between the first and the last expression of a chain such as a = b < c <= d."""

from collections.abc import Iterable

from lib.symbolic.trust import NotProved

OPPOSITE = {"=": "=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


def carried(relations: Iterable[str]) -> str:
    """Return the relation that a chain of relations leaves between its two ends.

    Examples
    --------
    >>> carried(["=", "<=", "<", "="])
    '<'
    >>> carried(["<=", ">="])
    Traceback (most recent call last):
        ...
    lib.symbolic.trust.NotProved: the chain goes up and down (<= and >=), so its ends are unrelated
    """
    weakest = "="
    for relation in relations:
        if relation == "=":
            continue
        if weakest == "=":
            weakest = relation
        elif weakest[0] != relation[0]:
            raise NotProved(
                f"the chain goes up and down ({weakest} and {relation}), so its ends are unrelated"
            )
        elif "=" not in relation:
            weakest = relation
    return weakest
