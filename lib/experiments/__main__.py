"""Compute results afresh and store them: ``python -m lib.experiments [name ...]``."""

import sys

from lib.experiments.renewing import renew
from lib.experiments.results import NAMES

if __name__ == "__main__":
    unknown = [name for name in sys.argv[1:] if name not in NAMES]
    if unknown:
        sys.exit(f"There is no experiment {', '.join(unknown)}. There are: {', '.join(NAMES)}.")
    try:
        renew(sys.argv[1:])
    except KeyboardInterrupt:
        sys.exit("Stopped. What is done is stored; the same command goes on with the rest.")
