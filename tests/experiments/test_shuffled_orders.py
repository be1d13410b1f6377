"""The control with shuffled labels: what is shuffled, what is measured, what was shipped."""

import numpy as np
import pytest

from lib import datasets, experiments
from lib.experiments import shuffled_orders, through_time
from lib.recurrent import Start


def test_labels_are_those_of_other_sequences():
    x, labels = shuffled_orders.shuffled(4000, 3)
    same, true = datasets.temporal_order(shuffled_orders.LENGTH, 4000, np.random.default_rng(3))
    np.testing.assert_array_equal(x, same)
    np.testing.assert_array_equal(np.sort(labels), np.sort(true))
    assert np.mean(labels == true) == pytest.approx(0.25, abs=0.03)


def test_update_gate_of_a_cell_that_hears_nothing():
    reader, _ = through_time.reader_of("GRU", shuffled_orders.LENGTH)
    parameters = reader.draw([0, 1], start=Start(biases="zero", forget_bias=2.0))
    for name in ("recurrent", "input"):
        parameters.arrays[name][...] = 0
    found = shuffled_orders.update_gate(reader, parameters)
    assert found == pytest.approx([1 / (1 + np.exp(-2))] * 2, rel=1e-6)
    biases = np.linspace(-1, 1, reader.cell.units)
    parameters.arrays["bias"][:, reader.cell.keeps] = biases
    expected = np.quantile(1 / (1 + np.exp(-biases)), 0.9)
    found = shuffled_orders.update_gate(reader, parameters)
    assert found == pytest.approx([expected] * 2, rel=1e-6)


def test_shipped_results_begin_as_the_code_does(monkeypatch):
    shipped = experiments.load("shuffled_orders")
    monkeypatch.setattr(shuffled_orders, "STEPS", 20)
    monkeypatch.setattr(shuffled_orders, "EVERY", 20)
    fresh = experiments.run("shuffled_orders", seeds=(0, 1))
    assert list(fresh["labels"]) == list(shipped["labels"]) == ["true", "shuffled"]
    for name in ("reach", "update gate", "success"):
        np.testing.assert_allclose(fresh[name][:, 0], shipped[name][:, 0, :2], rtol=1e-4)
    # Before training both are the same networks; after that they are not.
    np.testing.assert_array_equal(fresh["reach"][0, 0], fresh["reach"][1, 0])
    assert (fresh["reach"][0, 1] != fresh["reach"][1, 1]).all()
    # The networks with true labels are those of the experiment on all kinds of cells.
    all_kinds = experiments.load("through_time")
    row, column = list(all_kinds["kinds"]).index("GRU"), list(all_kinds["lengths"]).index(100)
    known = all_kinds["reach"][row, column, :6]
    np.testing.assert_allclose(shipped["reach"][0, :6], known, atol=0.05)
