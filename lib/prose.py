"""Numbers for the prose: a cell keeps them under a name, and the text of the chapter shows them.

The text names a number, and rounds it where it wants to::

    {eval}`glue.share`
    {eval}`f"{glue.share:.1%}"`

JupyterLab asks the kernel for it. While the book is built, MyST-NB collects what is kept, and the
page takes it from there.
"""

import os
from typing import Any

from lib._checks import boolean, instance, shown
from lib._kernel import STATIC

UNSEEN = "application/papermill.record/"  # what MyST-NB collects and does not show


class Missing:
    """Stands in the text for a number that no cell has kept so far."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __repr__(self) -> str:
        """Return what the reader sees."""
        return f"[{self._name}: run the cells]"

    def __format__(self, how: str) -> str:
        """Return the same, however the number is to be written."""
        return repr(self)


class Glue:
    """Keeps values under names that the prose uses.

    Examples
    --------
    >>> glue("share", 0.125, display=False)
    >>> f"{glue.share:.1%}"
    '12.5%'
    >>> glue.unknown
    [unknown: run the cells]
    """

    def __call__(self, name: str, value: Any, display: bool = True) -> None:
        """Keep a value.

        Parameters
        ----------
        name : str
            What the text calls it.
        value : object
            A number, or a text.
        display : bool
            Whether the cell shows it as well.

        Raises
        ------
        TypeError
            If `name` is not text, or `display` not True or False.
        ValueError
            If `name` is not a name in Python, or begins with an underscore.
        """
        if not instance("name", name, str).isidentifier() or name.startswith("_"):
            raise ValueError(f"name must be a name that begins with a letter; got {shown(name)}")
        seen = boolean("display", display)
        vars(self)[name] = value
        if seen or os.environ.get(STATIC) == "1":
            _send(name, value, "" if seen else UNSEEN)

    def __getattr__(self, name: str) -> Missing:
        """Return what the text shows instead of a number that is not there yet."""
        if name.startswith("_"):
            raise AttributeError(name)
        return Missing(name)


def _send(name: str, value: Any, prefix: str) -> None:
    """Send a value with the outputs of the cell, marked as MyST-NB knows it."""
    from IPython.core.formatters import format_display_data
    from IPython.display import display

    data, about = format_display_data(value)  # type: ignore[no-untyped-call]
    about["scrapbook"] = {"name": name, "mime_prefix": prefix}
    sent = {prefix + kind: one for kind, one in data.items()}
    display(sent, raw=True, metadata=about)  # type: ignore[no-untyped-call]


glue = Glue()

__all__ = ["glue"]
