"""Every experiment runs, in parts that an interruption does not lose; here as small as can be."""

from functools import partial
from importlib import import_module

import pytest

from lib import experiments
from lib.experiments.parts import Kept

CELLS = ("RNN", "GRU")
# What makes each experiment small. Of what is chosen by name in the module, a tuple of names keeps
# only these.
SMALL = {
    "early_layers": {"STEPS": 2, "RECORDS": (1, 2), "HIDDEN": (2, 3)},
    "saturation": {"EPOCHS": 1, "EVERY": 1, "HIDDEN": {"tanh": (5,), "sigmoid twin": (5,)}},
    "rectifier_speed": {"RECORDS": (0, 1, 2), "EARLY": (0, 1), "RATES": (0.1, 0.3)},
    "thirty_layers": {"EPOCHS": 1, "EVERY": 1, "HIDDEN": 3, "RATES": (0.01, 0.03)},
    "dying": {"RECORDS": (1,), "RATES": (0.03,), "SETTINGS": ("he", "low normalized")},
    "machines": {
        "EPOCHS": 1, "READ_OUT_EPOCHS": 1, "RATES": {"binary": (0.1,), "rectified": (0.01,)}
    },
    "relu_family": {
        "SIZES": {"all": (1, 32), "few": (1, 20)}, "RECORDS": (0, 1), "RATES": (0.1, 0.2),
        "KINDS": ("relu", "prelu"), "HIDDEN": 2,
    },
    "bias_shift": {
        "EPOCHS": 1, "NOISE": (0.0, 1.0), "RATES": (0.03, 0.1), "KINDS": ("relu", "elu critical")
    },
    "grand_table": {"KINDS": ("relu", "tanh"), "HIDDEN": (2,), "WAYS": ("plain",)},
    "through_time": {
        "KINDS": CELLS, "LENGTHS": (10, 20), "STEPS": 2, "EVERY": 1, "DIGIT_STEPS": 10,
        "DIGIT_EVERY": 5, "ALSO": (("RNN", 10),),
    },
    "adding_and_copying": {"KINDS": CELLS, "LENGTHS": (20,), "STEPS": 2, "EVERY": 1},
    "shuffled_orders": {"STEPS": 1, "EVERY": 1},
    "waiting": {"LONGEST": {3: 1, 4: 1}, "EPOCHS": 1, "DEEP": 3, "RATES": (0.1, 1.0)},
    "symptoms": {"EPOCHS": 1, "HIDDEN": 3, "CASES": ("healthy", "dead")},
    "adaptive": {
        "EPOCHS": 1, "LONG": 1, "EVERY": 1, "BEFORE": 1, "DRAWS": 1, "HIDDEN": 2, "RATES": (0.01,)
    },
    "transfer": {"EPOCHS": 1, "WIDTHS": (32, 64), "DEPTHS": (2, 4), "RATES": (0.01,)},
    "linear_recurrence": {
        "KINDS": ("LRU (chrono)", "GRU (chrono)"), "STEPS": 2, "EVERY": 1,
        "LENGTHS": {"order": (10,), "adding": (10,)},
    },
    "ten_seeds": {},
}  # fmt: skip


class Interrupted(Kept):
    """Parts in a folder; the run is interrupted when the second has been computed."""

    def __setitem__(self, name, part):
        if len(self) == 1:
            raise KeyboardInterrupt
        super().__setitem__(name, part)


class Counted(Kept):
    """Parts in a folder, and the names of those that were added."""

    def __init__(self, folder):
        super().__init__(folder)
        self.added = []

    def __setitem__(self, name, part):
        self.added.append(name)
        super().__setitem__(name, part)


def make_small(monkeypatch, name):
    module = import_module(f"lib.experiments.{name}")
    for constant, value in SMALL[name].items():
        whole = getattr(module, constant)
        if isinstance(whole, dict) and isinstance(value, tuple):
            value = {key: whole[key] for key in value}
        monkeypatch.setattr(module, constant, value)
    if name == "grand_table":
        monkeypatch.setattr(module, "trained", partial(module.trained, epochs=1))
    if name == "ten_seeds":
        some = list(module.laboratory.EXPERIMENTS.items())[:2]
        monkeypatch.setattr(module.laboratory, "EXPERIMENTS", dict(some))
    return module


def test_every_experiment_is_here():
    assert tuple(SMALL) == experiments.names()


@pytest.mark.parametrize("name", experiments.names())
def test_a_run_that_was_interrupted_goes_on_with_the_next_part(name, monkeypatch, tmp_path):
    module, shipped = make_small(monkeypatch, name), experiments.load(name)
    with pytest.raises(KeyboardInterrupt):
        module.run((0, 1), Interrupted(tmp_path))
    (kept,) = Kept(tmp_path)
    rest = Counted(tmp_path)
    found = module.run((0, 1), rest)
    assert kept not in rest.added
    assert len(rest.added) == len(set(rest.added)) > 0
    assert set(rest) == {kept, *rest.added}
    # What is found has the names, axes and sorts of numbers of the shipped results.
    assert set(found) <= set(shipped)
    for key, array in found.items():
        sorts = [(values.ndim, values.dtype.kind) for values in (array, shipped[key])]
        assert sorts[0] == sorts[1], key


def test_parts_are_kept_whole_or_not_at_all(tmp_path):
    parts = Kept(tmp_path / "new")
    assert len(parts) == 0
    parts["a/b"] = {"x y": 1.5, "z": [[1, 2]]}
    parts["c"] = {"error": 2}
    assert sorted(Kept(tmp_path / "new")) == ["a/b", "c"]
    assert parts["a/b"]["x y"] == 1.5
    assert list(parts["a/b"]) == ["x y", "z"]
    for file in (tmp_path / "new").iterdir():
        file.write_bytes(file.read_bytes()[:-9])
    assert "c" not in parts
    assert len(parts) == 0
    parts["c"] = {"error": 3}
    del parts["c"]
    with pytest.raises(KeyError, match="c"):
        parts["c"]
