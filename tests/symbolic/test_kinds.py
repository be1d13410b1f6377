"""False lines of many kinds are refused with the one error; true ones of the same kinds are not."""

import pytest
from false_lines import FALSE
from true_lines import TRUE

from lib.symbolic import DerivationError


def cases(lines):
    return [
        pytest.param(write, id=f"{kind} {index}")
        for kind, writers in lines.items()
        for index, write in enumerate(writers)
    ]


@pytest.mark.rotates(3)
@pytest.mark.parametrize("write", cases(FALSE))
def test_false_line_is_refused_and_named(write):
    with pytest.raises(DerivationError, match=r'^step \d+, ".*", (is not proved|is empty):\n'):
        write()


@pytest.mark.rotates(3)
@pytest.mark.parametrize("write", cases(TRUE))
def test_true_line_goes_through(write):
    steps = write()
    assert steps.lines[-1].trust in ("proved", "sympy")
