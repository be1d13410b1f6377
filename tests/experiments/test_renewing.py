"""Runs of all experiments can be stopped; and each commit has one experiment recomputed."""

import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from the_book import ROOT, of_this_commit

from lib import experiments
from lib.experiments import renewing
from lib.experiments.parts import Done, once


class Stopper:
    """Computes nothing, and is interrupted at one name."""

    def __init__(self, at: str = "") -> None:
        self.at, self.computed = at, []

    def __call__(self, name: str, parts: Done) -> None:
        assert not parts
        if name == self.at:
            raise KeyboardInterrupt
        self.computed.append(name)


def run(progress: Path, at: str = "", names: tuple[str, ...] = (), code: str = "same") -> list[str]:
    stopper = Stopper(at)
    try:
        returned = renewing.renew(names, progress=progress, one=stopper, code=lambda: code)
        assert returned == stopper.computed
    except KeyboardInterrupt:
        assert at
    return stopper.computed


def test_a_run_that_was_stopped_goes_on_where_it_was(tmp_path):
    progress, names = tmp_path / "new" / "progress.json", [*experiments.names()]
    assert run(progress, at=names[3]) == names[:3]
    assert run(progress, at=names[5]) == names[3:5]
    assert run(progress) == names[5:]
    assert not progress.exists()
    assert run(progress) == names  # all were done, so it begins anew


class Listening:
    """An experiment of three parts that gets a signal after its second one."""

    def __init__(self, stops: bool) -> None:
        self.stops, self.computed, self.found = stops, [], {}

    def __call__(self, name: str, parts: Done) -> None:
        for part in ("one", "two", "three"):
            if part == "three" and self.stops:
                signal.raise_signal(signal.SIGINT)
            self.found[part] = once(parts, part, partial(self.compute, part))["x"]

    def compute(self, part: str) -> dict[str, np.ndarray]:
        self.computed.append(part)
        return {"x": np.full(3, len(part) / 7)}


@pytest.mark.parametrize("named", [(), ("dying",)])
def test_an_interrupted_experiment_goes_on_with_its_next_part(tmp_path, monkeypatch, named):
    progress = tmp_path / "progress.json"
    monkeypatch.setattr(renewing, "NAMES", ("dying",))

    def renewed(code: str, stops: bool = False) -> Listening:
        listening = Listening(stops)
        try:
            renewing.renew(named, progress=progress, one=listening, code=lambda: code)
        except KeyboardInterrupt:
            assert stops
        return listening

    assert renewed("same", stops=True).computed == ["one", "two"]
    assert renewed("other", stops=True).computed == ["one", "two"]  # not what other code computed
    resumed = renewed("same")
    assert resumed.computed == ["three"]
    for part, array in resumed.found.items():
        np.testing.assert_array_equal(array, np.full(3, len(part) / 7))
    assert [*(tmp_path / "progress").iterdir()] == []  # all is stored, and no part is left
    assert renewed("same").computed == ["one", "two", "three"]


def test_what_other_code_has_computed_is_computed_again(tmp_path):
    progress, names = tmp_path / "progress.json", [*experiments.names()]
    run(progress, at=names[3])
    assert run(progress, at=names[1], code="other") == names[:1]


def test_a_named_experiment_is_computed_in_any_case(tmp_path):
    progress, names = tmp_path / "progress.json", [*experiments.names()]
    run(progress, at=names[2])
    assert run(progress, names=(names[0],)) == [names[0]]
    assert run(progress, names=(names[4],)) == [names[4]]
    assert run(progress) == [*names[2:4], *names[5:]]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"code": "same"}', '{"done": 3, "code": "same"}'])
def test_damaged_notes_are_no_notes(tmp_path, text):
    progress = tmp_path / "progress.json"
    progress.write_text(text)
    assert run(progress) == [*experiments.names()]


def test_the_code_is_what_experiments_run(tmp_path, monkeypatch):
    (tmp_path / "training").mkdir()
    (tmp_path / "figures").mkdir()
    for name in ("training/loop.py", "figures/style.py"):
        (tmp_path / name).write_text("1")
    monkeypatch.setattr(renewing, "PACKAGE", tmp_path)
    before = renewing.fingerprint()
    (tmp_path / "figures/style.py").write_text("2")
    assert renewing.fingerprint() == before
    (tmp_path / "training/loop.py").write_text("2")
    assert renewing.fingerprint() != before


def test_no_experiment_imports_what_its_code_leaves_out():
    listed = "; ".join(f"import lib.experiments.{name}" for name in experiments.names())
    asked = f"{listed}; import sys; print([m for m in sys.modules if m.startswith('lib.')])"
    found = subprocess.run(
        [sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True
    )  # fmt: skip
    for name in renewing.NOT_USED:
        assert f"'lib.{name}" not in found.stdout


def test_unknown_names_are_refused_before_anything_is_computed():
    command = [sys.executable, "-m", "lib.experiments", "dying", "everything"]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert found.returncode == 1
    assert "There is no experiment everything. There are: early_layers, " in found.stderr


@pytest.mark.exhaustive
def test_another_experiment_each_commit():
    name = of_this_commit(experiments.names())
    shipped, fresh = experiments.load(name), experiments.run(name)
    assert set(fresh) == set(shipped)
    for key, array in fresh.items():
        stored = shipped[key]
        assert (array.shape, array.dtype.kind) == (stored.shape, stored.dtype.kind), (name, key)
        if array.dtype.kind != "f":
            np.testing.assert_array_equal(array, stored)
            continue
        # Another machine rounds otherwise, and a few networks may take another course.
        same = np.isclose(array, stored, rtol=0.05, atol=1e-3, equal_nan=True)
        assert same.mean() > 0.8, (name, key)
