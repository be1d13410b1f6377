"""Compute results afresh and store them: ``python -m lib.experiments [name ...]``."""

import sys
import time

from tqdm.auto import tqdm

from lib.experiments.results import NAMES, store

if __name__ == "__main__":
    for name in tqdm(sys.argv[1:] or NAMES, unit="experiment", disable=None):
        started = time.perf_counter()
        store(name)
        tqdm.write(f"{name}: {time.perf_counter() - started:.0f} s")
