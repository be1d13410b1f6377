"""The examples in the docstrings of lib run, and show what they say they show."""

import doctest
import importlib

import pytest
from the_book import ROOT


def modules() -> list[str]:
    files = sorted((ROOT / "lib").rglob("*.py"))
    parts = [file.relative_to(ROOT).with_suffix("").parts for file in files]
    return [".".join(names).removesuffix(".__init__") for names in parts]


@pytest.mark.parametrize("name", modules())
def test_examples_run(name):
    result = doctest.testmod(importlib.import_module(name), optionflags=doctest.ELLIPSIS)
    assert result.failed == 0


def test_there_are_examples():
    finder = doctest.DocTestFinder()
    found = [test for name in modules() for test in finder.find(importlib.import_module(name))]
    assert sum(len(test.examples) for test in found) > 100
