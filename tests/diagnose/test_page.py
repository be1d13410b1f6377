"""The code that book/not-training.md shows and does not run: what it prints is what it says."""

import re

import numpy as np
import pytest
from the_book import ROOT

torch = pytest.importorskip("torch")

PAGE = (ROOT / "book/not-training.md").read_text("utf-8")
DIAGNOSED, RECIPE = re.findall(r"^```python\n(.*?)^```", PAGE, re.M | re.S)
PRINTED = re.search(r"^```text\n(.*?)^```", PAGE, re.M | re.S)[1]


def test_the_page_shows_what_the_diagnosis_prints(capsys):
    exec(DIAGNOSED, {})
    assert capsys.readouterr().out.split() == PRINTED.split()


def test_the_recipe_prints_the_numbers_of_the_library(capsys):
    space = {}
    exec(DIAGNOSED, space)
    exec(RECIPE, space)
    capsys.readouterr()
    report = space["report"]
    space["look"](space["model"], space["x"], space["loss"])
    lines = capsys.readouterr().out.splitlines()
    gradients = [float(line.split("gradient")[1].split()[0]) for line in lines]
    expected = report.layers.gradient / report.layers.gradient[-1]
    np.testing.assert_allclose(gradients, expected, rtol=0.06)
    assert len(lines) == 31
