"""Compute results afresh and store them: ``python -m lib.experiments [name ...]``."""

import sys
import time

from lib.experiments.results import NAMES, store

for name in sys.argv[1:] or NAMES:
    started = time.perf_counter()
    store(name)
    print(f"{name}: {time.perf_counter() - started:.0f} s", flush=True)
