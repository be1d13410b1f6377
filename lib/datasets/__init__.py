"""Small data sets, shipped with the book or drawn from a seed: nothing is downloaded."""

from lib.datasets.digits import Digits, digits
from lib.datasets.launches import o_rings
from lib.datasets.planar import circles, moons, spirals
from lib.datasets.sequences import adding, copying, pixel_rows, temporal_order
from lib.datasets.tumors import tumors

__all__ = [
    "Digits", "adding", "circles", "copying", "digits", "moons", "o_rings", "pixel_rows",
    "spirals", "temporal_order", "tumors",
]  # fmt: skip
