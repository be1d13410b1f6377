"""Abbreviations mean what they mean to ipywidgets, and what cannot work is refused by name."""

import re
from fractions import Fraction

import ipywidgets
import numpy as np
import pytest

from lib.explore import explore
from lib.explore.controls import FRAME_LIMIT, chosen, grid, make_controls


def draw(ax, *, depth=10, gain=1.0, activation="tanh", bias=False):
    """Nothing."""
    return "nothing"


def controls(parameters, **options):
    options = {"start": {}, "labels": {}, "units": {}, "fixed": {}} | options
    return make_controls(draw, parameters, **options)


@pytest.mark.parametrize("given", [(0, 10), (2, 50, 4), (-5, 5, 5), (3, 3)])
def test_whole_range_takes_the_values_of_an_int_slider(given):
    (control,) = controls({"depth": given})
    peer = ipywidgets.interactive(lambda depth: None, depth=given).children[0]
    assert control.values[0] == peer.min
    assert control.values == tuple(range(peer.min, peer.max + 1, peer.step))
    assert all(type(value) is int for value in control.values)


def test_fractional_range_has_no_rounding_noise():
    (control,) = controls({"gain": (0.1, 0.7, 0.1)})
    assert control.values == (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7)
    assert control.texts == ("0.1", "0.2", "0.3", "0.4", "0.5", "0.6", "0.7")


def test_range_that_the_step_misses_ends_below_the_bound():
    assert controls({"depth": (2, 50, 4)})[0].values[-1] == 50
    assert controls({"depth": (2, 49, 4)})[0].values[-1] == 46


def test_options_and_bools():
    options, labelled, flag = controls(
        {"activation": ["relu", "tanh"], "gain": {"Small": 0.5, "Large": 2.0}, "bias": True}
    )
    assert (options.kind, options.values, options.start) == ("select", ("relu", "tanh"), 1)
    assert (labelled.kind, labelled.values, labelled.texts) == (
        "select",
        (0.5, 2.0),
        ("Small", "Large"),
    )
    assert (flag.kind, flag.values, flag.start) == ("checkbox", (False, True), 0)


def test_increasing_numbers_are_a_slider_over_them():
    (control,) = controls({"gain": [0.5, 1.0, 8.0]})
    assert (control.kind, control.values, control.start) == ("slider", (0.5, 1.0, 8.0), 1)


def test_start_is_the_given_one_then_the_default_then_the_middle():
    assert controls({"depth": (0, 20)}, start={"depth": 3})[0].start == 3
    assert controls({"depth": (0, 20)})[0].values[controls({"depth": (0, 20)})[0].start] == 10
    (middle,) = controls({"depth": (12, 20)})
    assert middle.values[middle.start] == 16


def test_grid_runs_over_every_combination_once():
    both = controls({"depth": (1, 3), "activation": ["relu", "tanh"]})
    points = [tuple(chosen(both, indices).values()) for indices in grid(both)]
    assert points == [(d, a) for d in (1, 2, 3) for a in ("relu", "tanh")]


@pytest.mark.parametrize(
    ("parameters", "options", "error", "words"),
    [
        ({"dept": (1, 3)}, {}, ValueError, "dept.*allowed: depth, gain, activation, bias"),
        ({"depth": (3, 1)}, {}, ValueError, r"depth must have low <= high.*\(3, 1\)"),
        ({"depth": (1, 3, 0)}, {}, ValueError, "step above 0"),
        (
            {"gain": (0.0, 1.0, 1e-9)},
            {},
            ValueError,
            "gain alone has 1000000001 values.*coarsen gain",
        ),
        ({"gain": (0.0, float("nan"))}, {}, ValueError, "gain must have low <= high"),
        ({"depth": (1, 2, 3, 4)}, {}, ValueError, "depth must be"),
        ({"activation": []}, {}, ValueError, "activation has no options"),
        ({"activation": "tanh"}, {}, TypeError, "activation must be a tuple"),
        ({"depth": (1, 3)}, {"start": {"depth": 4}}, ValueError, "start of depth.*got 4"),
        ({"depth": (1, 3)}, {"units": {"gain": "x"}}, ValueError, "units names 'gain'"),
        ({"depth": (1, 3)}, {"fixed": {"depth": 1}}, ValueError, "controls as well"),
        ({"depth": (1, 3)}, {"fixed": {"width": 1}}, ValueError, "fixed names.*'width'"),
        (
            {"depth": (1, 40), "gain": (0.0, 4.0, 0.1)},
            {},
            ValueError,
            rf"1640 frames, and at most {FRAME_LIMIT} are allowed: coarsen gain, which has 41",
        ),
    ],
)
def test_what_cannot_work_is_refused(parameters, options, error, words):
    with pytest.raises(error, match=re.compile(words, re.DOTALL)):
        controls(parameters, **options)


def test_play_sweeps_the_slider_that_is_named():
    sliders = {"depth": (1, 4), "gain": (0.0, 1.0, 0.5), "activation": ["tanh", "relu"]}
    assert explore(draw, **sliders).play == "depth"
    assert explore(draw, **sliders, play="gain").play == "gain"


@pytest.mark.parametrize("wrong", ["activation", "dept", "bias"])
def test_play_names_a_slider(wrong):
    words = rf"play must name a slider; got '{wrong}', allowed: depth, gain"
    with pytest.raises(ValueError, match=words):
        explore(draw, depth=(1, 5), gain=(0.0, 4.0), activation=["tanh", "relu"], play=wrong)


@pytest.mark.parametrize(
    ("given", "keys"),
    [
        ({"red": 1, "yellow": 2, "blue": 2}, ["red", "yellow", "blue"]),
        ({"none": None, "one": np.ones(3), "other": np.ones(3)}, ["none", "one", "other"]),
        ([0.1, 0.10000001, 1e300], ["0.1", "0.10000001", "1e+300"]),
        ([-0.5, 0.0, 0.5], ["-0.5", "0", "0.5"]),
        ((-1.0, 1.0, 0.5), ["-1.0", "-0.5", "0.0", "0.5", "1.0"]),
        ([Fraction(1, 3), Fraction(2, 3)], ["1/3", "2/3"]),
        ([np.zeros(2), np.ones(2)], ["[0. 0.]", "[1. 1.]"]),
        ([(1, 2), None, True], ["(1, 2)", "None", "True"]),
    ],
)
def test_an_address_names_the_option(given, keys):
    (control,) = controls({"gain": given})
    assert list(control.keys) == keys
    assert len(set(control.keys)) == len(control.values)


@pytest.mark.parametrize("given", [[1, "1", 2], [1, 1], [0.5, 0.5], ["a", "a"], [-0.5, "−0.5"]])
def test_options_that_read_the_same_are_refused_by_name(given):
    with pytest.raises(ValueError, match=r"gain has two options that read '.*name them in a dict"):
        controls({"gain": given})


def test_start_and_default_may_be_options_that_cannot_be_compared():
    one, other = np.ones(3), np.zeros(3)
    (control,) = controls({"gain": {"One": one, "Other": other}}, start={"gain": other})
    assert control.start == 1
    (control,) = controls({"gain": {"One": one, "Same": one.copy()}}, start={"gain": np.ones(3)})
    assert control.start == 0
    with pytest.raises(ValueError, match="start of gain must be one of"):
        controls({"gain": [one, other]}, start={"gain": np.ones(4)})


def test_fractions_are_exact():
    (control,) = controls({"gain": (Fraction(0), 1, Fraction(1, 3))})
    assert control.values == (0, Fraction(1, 3), Fraction(2, 3), 1)
    assert control.texts == ("0", "1/3", "2/3", "1")
    (mixed,) = controls({"gain": (0.0, 1.0, Fraction(1, 4))})
    assert mixed.values == (0.0, 0.25, 0.5, 0.75, 1.0)
    assert mixed.texts == ("0.00", "0.25", "0.50", "0.75", "1.00")


@pytest.mark.parametrize("given", [(0.0, 1e-3), (0.0, 1.0, 2.0), (1, 3, 5)])
def test_range_narrower_than_its_step_is_refused(given):
    with pytest.raises(ValueError, match="gain must be as wide as a step"):
        controls({"gain": given})
