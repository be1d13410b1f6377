"""Where a cell runs: for a reader at a running kernel, or for a page that is being built."""

import os

STATIC = "VANISHING_GRADIENTS_STATIC"  # set while the book is built


def in_kernel() -> bool:
    """Tell whether widgets reach a reader: in a kernel, and not while the book is built."""
    if os.environ.get(STATIC) == "1":
        return False
    try:
        from IPython import get_ipython
    except ImportError:
        return False
    return getattr(get_ipython(), "kernel", None) is not None
