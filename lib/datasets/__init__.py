"""Small data sets, shipped with the book or drawn from a seed: nothing is downloaded."""

from lib.datasets.digits import Digits, digits
from lib.datasets.launches import o_rings
from lib.datasets.planar import circles, moons, spirals
from lib.datasets.tumors import tumors

__all__ = ["Digits", "circles", "digits", "moons", "o_rings", "spirals", "tumors"]
