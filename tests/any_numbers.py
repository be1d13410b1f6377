"""Numbers of a floating dtype, spread evenly over all exponents."""

import numpy as np
from hypothesis import strategies as st

BITS = {np.float16: np.uint16, np.float32: np.uint32, np.float64: np.uint64}


def any_number(dtype):
    """Draw finite floats by their bits: subnormal numbers, zeros and the largest ones included."""
    limits, bits = np.finfo(dtype), BITS[dtype]
    ends = [0.0, 1.0, -1.0, float(limits.max), float(limits.tiny), float(limits.smallest_subnormal)]
    return st.sampled_from(ends) | st.integers(0, np.iinfo(bits).max).map(
        lambda pattern: finite(np.array(pattern, bits).view(dtype))
    )


def finite(value):
    return float(value) if np.isfinite(value) else 0.0
