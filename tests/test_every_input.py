"""Every argument of every public function, tried with what it is not made for.

The walk finds the public names by itself. For each there must be an example of valid arguments in
`EXAMPLES`; one argument after the other is then replaced. Each call either works or is refused by
a TypeError or ValueError that names the argument and says what it must be, and leaves alone what
it was given. What is another form of the same numbers (a list, a view, another order) gives the
same result.
"""

import copy
import importlib
import inspect
import pickle
import pkgutil
import re
import types
import warnings
from collections.abc import Mapping
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp

from lib import (
    activations,
    attention,
    chain,
    datasets,
    diagnose,
    experiments,
    initializers,
    laboratory,
    models,
    normalization,
    recurrent,
    theory,
    training,
)
from lib._values import same
from lib.models import boltzmann
from lib.symbolic import Derivation
from lib.training import sequences

# Draw functions are called by explorers alone, which check what they are given; derivations take
# SymPy objects, and have tests of what they refuse.
LEFT_OUT = ("lib.explore", "lib.figures", "lib.symbolic")

HOOK = "called once in every step by a method that has checked its arguments"
MADE = "made by functions of lib, which check their arguments"
NOT_WALKED = {
    "Activation": MADE, "ParametricReLU": MADE, "RandomizedReLU": MADE, "Initializer": MADE,
    "Optimizer": MADE, "SGD": MADE, "Adam": MADE, "Cell": "abstract",
    "ChainArrays": MADE, "ChainRun": MADE, "ChainSweep": MADE, "Digits": MADE, "Comparison": MADE,
    "Choice": MADE,
    "Entry": MADE, "Normalized": MADE, "Gradients": MADE, "Trace": MADE, "FloatProduct": MADE,
    "ScalarChain": MADE, "LogFactor": MADE, "FixedPoint": MADE, "History": MADE, "Pass": MADE,
    "Forecast": MADE, "Examination": MADE, "Repair": MADE,
    "Look": MADE, "Expected": MADE,
    "Judged": MADE, "LogisticFit": MADE, "SequenceHistory": MADE, "Finding": MADE, "Report": MADE,
    "diagnose.diagnose": "needs PyTorch; see tests/diagnose/test_torch.py",
    "Report.figure": "no arguments; see tests/diagnose/test_arrays.py", "BlockTrace": MADE,
    "BlockGradients": MADE, "TransformerRun": MADE, "Prediction": MADE,
    "DivergenceError": "an exception",
    "Activation.write": HOOK, "Cell.keep": HOOK, "Cell.step": HOOK, "Cell.step_back": HOOK,
    "Cell.run": HOOK, "Cell.deltas": HOOK, "Cell.halved": HOOK, "Cell.prepared": HOOK,
    "Cell.by_input": HOOK, "Cell.by_state": HOOK,
    "Network.run": HOOK, "Network.run_back": HOOK, "Optimizer.start": HOOK, "Optimizer.step": HOOK,
    "Optimizer.rates": HOOK, "Optimizer.scaled": HOOK, "Optimizer.with_decay": HOOK,
    "Training.save": "see test_loop.py", "Training.load": "see test_loop.py",
    "experiments.run": "takes minutes; see test_results.py",
}  # fmt: skip


def public():
    """Find all public functions and classes: what `__all__` lists, in all modules that say so."""
    found = {}

    def walk(name):
        module = importlib.import_module(name)
        listed = getattr(module, "__all__", None)
        own = [n for n, v in vars(module).items() if getattr(v, "__module__", None) == name]
        for entry in own if listed is None else listed:
            value = getattr(module, entry)
            wrapped = hasattr(value, "cache_info")
            if not entry.startswith("_") and (
                inspect.isclass(value) or inspect.isfunction(value) or wrapped
            ):
                found.setdefault(value, f"{name}.{entry}")
        for info in pkgutil.iter_modules(getattr(module, "__path__", [])):
            inner = f"{name}.{info.name}"
            if info.name.startswith("_") or inner in LEFT_OUT or info.name == "__main__":
                continue
            says = hasattr(importlib.import_module(inner), "__all__")
            if name == "lib" or says or info.name in (listed or ()):
                walk(inner)

    walk("lib")
    return {name: value for value, name in found.items()}


PUBLIC = public()


def callables():
    """Names of all public functions, classes and methods, a method under the class it is from."""
    names = {}
    for name, value in PUBLIC.items():
        short = name.rsplit(".", 1)[1]
        if not inspect.isclass(value):
            names[name.removeprefix("lib.")] = value
            continue
        names[short] = value
        for owner in reversed(value.__mro__):
            if not owner.__module__.startswith("lib") or owner.__name__ == "ByValue":
                continue
            for entry, method in vars(owner).items():
                method = getattr(method, "__func__", method)
                if inspect.isfunction(method) and not entry.startswith("_"):
                    first = next(c for c in reversed(value.__mro__) if entry in vars(c))
                    names.setdefault(f"{first.__name__}.{entry}", method)
    return names


CALLABLES = callables()

PHI = activations.tanh()
RNG = np.random.default_rng(0)
BATCH = RNG.standard_normal((2, 3, 4))
NETWORK = models.Network((3, 4, 2), PHI)
NETWORK_ON_PAPER = theory.Description(depth=9, width=5, activation="sigmoid", initializer="xavier")
NORMAL = models.Network((3, 4, 2), activations.prelu(), batch_norm=True)
READER = models.Reader(recurrent.GRU(2, 3), outputs=2)
WEIGHTS = np.random.default_rng(2).standard_normal((4, 4))
SERIES = RNG.standard_normal((3, 2, 2, 4))  # steps, replicas, inputs, batch
BLOCK = attention.Block(4, heads=2, hidden=3)
STREAM = RNG.standard_normal((2, 4, 1, 3))
CLASSES = RNG.integers(0, 2, (1, 2, 4))
LABELS = np.array([0, 1, 0, 1, 1, 0])
POINTS = RNG.standard_normal((6, 3))
LSTM = recurrent.LSTM(2, 2)


LAGS = {
    "kinds": np.array(["GRU", "RNN"]), "lengths": np.array([10, 20, 40]),
    "solved_at": np.where(RNG.random((2, 3, 4)) < 0.5, 100.0, np.inf),
}  # fmt: skip


def weights_of(cell):
    drawn = np.random.default_rng(1)
    return {name: drawn.standard_normal((2, *shape)) for name, shape in cell.shapes.items()}


def trace_of(cell=LSTM):
    return cell.forward(weights_of(cell), SERIES)


def parameters_of(numbers):
    made = models.Parameters({"w": (2, 2)}, 2)
    made.flat[...] = numbers
    return made


def passed(network=NETWORK):
    parameters = network.draw([0, 1])
    return parameters, network.forward(parameters, BATCH)


def read():
    parameters = READER.draw([0, 1])
    trace, judged = READER.judge(parameters, SERIES, CLASSES)
    return {"parameters": parameters, "trace": trace, "judged": judged,
            "gradient": parameters.like()}  # fmt: skip


def few(samples, rng):
    return datasets.temporal_order(10, samples, rng)


def firsts(parameters):
    return parameters.flat[:, 0]


def readers():
    reader = models.Reader(recurrent.RNN(6, 2), outputs=4)
    return sequences.SequenceTraining(reader, training.sgd(0.1), [0, 1])


def variances(**more):
    return {"phi": PHI, "depth": 3, "weight_variance": 1.5, **more}


def measured():
    return diagnose.Layers(
        names=["a", "b", "c"], kinds=["linear", "normalization", "linear"],
        gradient=np.array([1e-7, np.nan, 1.0]),
    )  # fmt: skip


def machine():
    return boltzmann.BoltzmannMachine(3, 2, [0, 1])


# From the name of a callable to valid arguments, "self" among them for a method. What is not
# given here stands at its default.
EXAMPLES = {
    "activations.elu": [lambda: {"alpha": 1.0}],
    "activations.gelu": [lambda: {"approximate": "tanh"}],
    "activations.get": [lambda: {"name": "elu"}],
    "activations.symbolic_form": [lambda: {"name": "elu"}],
    "activations.rrelu": [lambda: {"lower": 3.0, "upper": 8.0}],
    "Activation.derivative": [lambda: {"self": PHI, "x": BATCH.copy()}],
    "ParametricReLU.derivative_alpha": [
        lambda: {"self": activations.prelu(), "x": BATCH.copy()}
    ],
    "RandomizedReLU.sample": [lambda: {"self": activations.rrelu(), "rng": 0, "shape": (2, 3)}],
    "RandomizedReLU.train": [lambda: {"self": activations.rrelu(), "x": BATCH.copy(), "rng": 0}],
    "attention.entropy": [lambda: {"p": np.array([[0.25, 0.75], [1.0, 0.0]])}],
    "attention.scaling": [lambda: {"name": "gpt2", "blocks": 3}],
    "attention.simulate": [
        lambda: {"network": attention.Transformer(2, BLOCK, tokens=3), "replicas": 2,
                 "x": STREAM.copy(), "output_gradient": STREAM.copy(), "keep": True},
        lambda: {"network": attention.Transformer(1, BLOCK, tokens=2, final_norm=True),
                 "replicas": 1, "batch": 2, "output_gradient": np.sign, "dtype": "float32"},
    ],
    "Transformer": [
        lambda: {"blocks": 2, "block": BLOCK, "tokens": 3, "scaling": "gpt2"},
        lambda: {"blocks": 1, "block": attention.Block(2, placement="post", gated=True),
                 "scaling": attention.Scaling(branch=0.5), "initializer": initializers.he(),
                 "final_norm": True},
    ],
    "attention.softmax": [lambda: {"x": BATCH.copy()}],
    "Block": [
        lambda: {"width": 4, "heads": 2, "hidden": 3, "activation": PHI, "score_scale": 0.5}
    ],
    "Block.draw": [lambda: {"self": BLOCK, "rng": 0, "initializer": initializers.he()}],
    "Block.forward": [lambda: {"self": BLOCK, "weights": BLOCK.draw(0, 2), "x": STREAM.copy()}],
    "Block.backward": [
        lambda: {"self": BLOCK, "trace": BLOCK.forward(BLOCK.draw(0, 2), STREAM),
                 "gradient": STREAM.copy()}
    ],
    "ask.choice": [
        lambda: {"prompt": "Which?", "right": "b", "because": "So.", "wrong": {"a": "No."},
                 "hints": ("One.", "Two."), "show": ".2f"}
    ],
    "ask.choices": [
        lambda: {"prompt": "Which?", "right": {"b": "So."}, "wrong": {"a": "No."},
                 "because": "So."}
    ],
    "ask.number": [
        lambda: {"prompt": "How many?", "right": 4, "because": "So.", "relative": 0.1,
                 "unit": "m", "wrong": {2.0: "No."}}
    ],
    "ask.formula": [
        lambda: {"prompt": "Which?", "right": "s*(1 - s)", "variables": {"s": (0, 1)},
                 "because": "So.", "wrong": {"s": "No."}}
    ],
    "ask.gap": [
        lambda: {"proof": Derivation.of("s - s**2", names=[sp.Symbol("s", real=True)]).equals(
                     "s*(1 - s)", "take s out"), "line": 1, "prompt": "Which line?",
                 "names": ["s"], "because": "So.", "wrong": {"s": "No."}, "hints": ("One.",)}
    ],
    "ask.scale": [
        lambda: {"prompt": "How many?", "right": 0.01, "because": "So.", "between": (1e-3, 1.0),
                 "step": 0.5, "log": True}
    ],
    "ask.task": [
        lambda: {"function": "half", "statement": "Halve.", "examples": [{"x": 4.0}],
                 "hidden": [{"x": -3.0}], "solution": "def half(x):\n    return x / 2",
                 "mistakes": {("/", "*"): "Twice."}, "right": lambda x: 0.5 * x,
                 "hints": ("One.", "Two."), "tolerance": (1e-6, 0.0)}
    ],
    "ask.wiggle": [
        lambda: {"function": np.sum, "at": np.array([1.0, 2.0]), "step": 1e-5}
    ],
    "MLP": [
        lambda: {
            "activation": "tanh", "depth": 2, "width": 3, "weight_variance": 1.0,
            "bias_variance": 0.5, "input_width": 2, "residual": 0.5,
        },
        lambda: {
            "activation": PHI, "depth": 2, "width": [3, 4], "initializer": initializers.he(),
            "normalization": "layer",
        },
    ],
    "Grid": [
        lambda: {
            "activations": ["tanh", PHI], "weight_variances": [1.0, 2.0], "depths": [1, 2],
            "width": 2, "bias_variance": 0.5, "residual": 1.0, "normalization": "layer",
        }
    ],
    "Measure": [
        lambda: {"histogram_edges": np.array([-1.0, 0.0, 1.0]), "arrays": True},
        lambda: {"jacobian": True, "rescale": True},
    ],
    "chain.simulate": [
        lambda: {
            "network": chain.MLP("tanh", depth=2, width=3, input_width=2, residual=0.5),
            "batch": 2, "replicas": 2, "x": BATCH[:, :2, :2].copy(),
            "output_gradient": BATCH[:, :, :2].copy(),
            "measure": chain.Measure(histogram_edges=np.array([-1.0, 0.0, 1.0])),
        },
        lambda: {
            "network": chain.MLP(PHI, depth=2, width=[3, 3], initializer=initializers.he()),
            "batch": 2, "replicas": 1, "input_correlation": 0.5, "output_gradient": np.sign,
            "measure": chain.Measure(jacobian=True),
        },
        lambda: {
            "network": chain.MLP("relu", depth=2, width=3, normalization="batch"), "batch": 2,
            "replicas": 1, "dtype": "float16", "measure": chain.Measure(arrays=True),
        },
    ],
    "chain.sweep": [
        lambda: {
            "grid": chain.Grid(
                ["tanh", PHI], weight_variances=[1.0, 2.0], depths=[1, 2], width=2,
                residual=1.0, normalization="layer",
            ),
            "batch": 2, "replicas": 2, "input_correlation": 0.5,
            "measure": chain.Measure(histogram_edges=np.array([-1.0, 0.0, 1.0])),
        }
    ],
    "datasets.adding": [lambda: {"length": 12, "samples": 3, "rng": 0}],
    "datasets.circles": [lambda: {"samples": 4}],
    "datasets.copying": [lambda: {"length": 12, "samples": 3, "rng": 0}],
    "datasets.digits": [lambda: {"training": 20}],
    "datasets.moons": [lambda: {"samples": 4}],
    "datasets.pixel_rows": [lambda: {"images": POINTS[:, :2].reshape(2, 6).copy(), "pixels": 3}],
    "datasets.spirals": [lambda: {"samples": 4}],
    "datasets.temporal_order": [lambda: {"length": 12, "samples": 3, "rng": 0}],
    "Layers": [
        lambda: {
            "names": ["a", "b"], "kinds": ["linear", "layer"], "functions": ["relu", ""],
            "gradient": np.array([1e-9, 1.0]), "likeness": np.array([0.5, np.nan]),
            "dead": np.array([0.9, 0.0]), "samples": 8, "loss_weight": 8.0, "input_signal": 1.0,
        }
    ],
    "Layers.call": [lambda: {"self": measured(), "row": 1}],
    "diagnose.diagnose_arrays": [
        lambda: {
            "layers": [
                {"name": "a", "kind": "linear", "function": "tanh", "weight": WEIGHTS.copy(),
                 "weight_gradient": WEIGHTS + 1, "pre_activation": BATCH[0].copy(),
                 "gradient": BATCH[1].copy(), "bias": np.ones(4)},
                {"activation": BATCH[0].copy()},
                {"pre_activation": BATCH[0].copy(), "gradient": BATCH[1].copy()},
            ],
            "inputs": BATCH[0].copy(), "loss": 1.5, "learning_rate": 0.1,
        }
    ],
    "Report.table": [
        lambda: {"self": diagnose.diagnose_arrays([{"activation": BATCH[0].copy()}] * 4),
                 "rows": 3}
    ],
    "diagnose.findings": [lambda: {"layers": measured()}],
    "diagnose.verdict": [lambda: {"found": diagnose.findings(measured())}],
    "experiments.compare": [
        lambda: {"pairs": {"a": (np.array([3.0, 4.0, 5.0]), np.array([1.0, 2.1, 2.9]))},
                 "paired": True}
    ],
    "experiments.trend": [
        lambda: {"dose": np.arange(3.0),
                 "outcomes": {"a": np.array([[1.0, 2], [2, 3.5], [3, 4.2]])}}
    ],
    "experiments.choices": [lambda: {"name": "bias_shift"}],
    "experiments.load": [lambda: {"name": "bias_shift"}],
    "experiments.lags.failure": [lambda: {"results": LAGS}],
    "experiments.lags.longest": [lambda: {"results": LAGS}],
    "ledger.reading": [lambda: {"printed": "1.5"}],
    "experiments.with_rate": [
        lambda: {"results": experiments.load("bias_shift"), "rate": 0.1}
    ],
    "initializers.get": [lambda: {"name": "he"}],
    "initializers.pytorch_linear": [lambda: {"bias_variance": 0.5}],
    "Initializer.variance": [lambda: {"self": initializers.he(), "fan_in": 3, "fan_out": 2}],
    "Initializer.weight_variance": [
        lambda: {"self": initializers.he(), "fan_in": 3, "fan_out": 2}
    ],
    "Initializer.limit": [lambda: {"self": initializers.xavier(), "fan_in": 3, "fan_out": 2}],
    "Initializer.weights": [
        lambda kind=kind: {"self": initializers.get(kind), "rng": 0, "shape": (2, 3)}
        for kind in ("normal", "uniform", "orthogonal", "identity")
    ],
    "Initializer.biases": [
        lambda kind=kind: {"self": initializers.get(kind), "rng": 0, "shape": (3,), "fan_in": 2}
        for kind in ("normal", "pytorch_linear")
    ],
    "normalization.batch_norm": [
        lambda: {"x": BATCH.copy(), "gain": np.ones((3, 1)), "shift": np.zeros((3, 1))}
    ],
    "normalization.layer_norm": [
        lambda: {"x": BATCH.copy(), "gain": np.ones((3, 1)), "shift": np.zeros((3, 1))}
    ],
    "normalization.rms_norm": [lambda: {"x": BATCH.copy(), "gain": np.ones((3, 1))}],
    "normalization.standardize_backward": [
        lambda: {"gradient": BATCH.copy(), "standardized": BATCH.copy(), "axis": 2,
                 "inverse_std": np.ones((2, 3, 1))}
    ],
    "Normalized.backward": [
        lambda: {"self": normalization.batch_norm(BATCH), "gradient": BATCH.copy()}
    ],
    "Normalized.parameter_gradients": [
        lambda: {"self": normalization.batch_norm(BATCH, gain=np.ones((3, 1))),
                 "gradient": BATCH.copy()}
    ],
    "RNN": [lambda: {"inputs": 2, "units": 3, "activation": activations.elu()}],
    "LSTM": [lambda: {"inputs": 2, "units": 3}],
    "GRU": [lambda: {"inputs": 2, "units": 3}],
    "LRU": [lambda: {"inputs": 2, "units": 4}],
    "Selective": [lambda: {"inputs": 2, "units": 3}],
    "TwoLayers": [
        lambda: {"inputs": 2, "units": 4, "kind": recurrent.Selective,
                 "activation": activations.elu()}
    ],
    "Cell.forward": [
        lambda cell=cell: {"self": cell, "weights": weights_of(cell), "x": SERIES.copy(),
                           "state": np.zeros((2, cell.state, 4)), "room": {}}
        for cell in (LSTM, recurrent.RNN(2, 2, activations.elu()), recurrent.GRU(2, 2),
                     recurrent.LRU(2, 2), recurrent.TwoLayers(2, 2, recurrent.Selective))
    ],
    "Cell.backward": [
        lambda cell=cell: {"self": cell, "trace": trace_of(cell), "truncate": 2, "room": {},
                           "gradient": np.ones((3, 2, cell.state, 4))}
        for cell in (LSTM, recurrent.RNN(2, 2), recurrent.GRU(2, 2), recurrent.LRU(2, 2),
                     recurrent.TwoLayers(2, 2))
    ],
    "Start": [
        lambda: {"recurrent": initializers.orthogonal(), "inputs": initializers.he(),
                 "spectral_radius": 0.9, "forget_bias": 1.0},
        lambda: {"singular_value": 0.9, "longest": 10},
        lambda: {"ring": (0.5, 0.9), "phase": 0.5},
    ],
    "Start.draw": [lambda: {"self": recurrent.Start(), "cell": LSTM, "seeds": [0, 1]}],
    "prose.glue": [lambda: {"name": "share", "value": 0.125, "display": False}],
    "recurrent.clip_by_norm": [lambda: {"gradients": weights_of(LSTM), "threshold": 1.0}],
    "recurrent.gradient_map": [lambda: {"trace": trace_of()}],
    "recurrent.jacobian": [lambda: {"trace": trace_of(), "later": 2, "earlier": 1}],
    "recurrent.one_step_jacobians": [lambda: {"trace": trace_of()}],
    "scalar_chain.of_activation": [lambda: {"activation": "tanh", "depth": 3}],
    "scalar_chain.scalar": [
        lambda: {"slope": np.array([0.5, 0.25]), "weight": np.array([1.0, 2.0]), "depth": 2}
    ],
    "theory.batch_norm.growth": [lambda: {"phi": PHI}],
    "theory.batch_norm.relu_growth": [lambda: {"batch": 5}],
    "theory.finite_width.leading_order": [lambda: {"widths": [3, 4]}],
    "theory.finite_width.relu_layer": [lambda: {"width": 3}],
    "theory.finite_width.linear_layer": [lambda: {"width": 3}],
    "theory.finite_width.silenced": [lambda: {"widths": [3, 4]}],
    "theory.finite_width.born_dead_at_least": [lambda: {"width": 3, "hidden": 2}],
    "theory.gaussian.kinks": [lambda: {"phi": activations.relu()}],
    "theory.gaussian.panels": [lambda: {"breaks": np.array([0.5])}],
    "theory.gaussian.expectation": [
        lambda: {"function": np.tanh, "variance": np.array([0.5, 1.0]), "breaks": (0.0,)}
    ],
    "theory.isometry.spread": [lambda: {"phi": PHI, "depth": 3}],
    "theory.linear_recurrence.half_life": [lambda: {"modulus": 0.9}],
    "theory.linear_recurrence.impulse_response": [
        lambda: {"modulus": 0.9, "angle": 0.3, "steps": 5}
    ],
    "theory.linear_recurrence.sensitivity": [lambda: {"modulus": np.array([0.5, 0.9])}],
    "theory.isometry.largest_of_linear": [lambda: {"depth": 3}],
    "theory.isometry.second_moment_of_linear": [lambda: {"width": 3, "depth": 3}],
    "theory.mean_field.variance_map": [
        lambda: {"phi": PHI, "q": np.array([0.5, 1.0]), "weight_variance": 1.5}
    ],
    "theory.mean_field.chi": [
        lambda: {"phi": PHI, "q": np.array([0.5, 1.0]), "weight_variance": 1.5}
    ],
    "theory.mean_field.correlation_map": [
        lambda: {"phi": PHI, "correlation": 0.5, "q": 1.0, "weight_variance": 1.5}
    ],
    "theory.mean_field.mean_product": [lambda: {"phi": PHI, "correlation": 0.5, "q": 1.0}],
    "Description": [
        lambda: {
            "depth": 3, "width": 5, "activation": PHI,
            "initializer": initializers.normal(weight_variance=2.0),
        },
    ],
    "theory.forecast": [
        lambda: {
            "description": theory.Description(
                depth=3, width=5, activation=PHI, initializer=initializers.normal(),
            ),
        },
    ],
    "Bench": [lambda: {"settings": laboratory.Settings(depth=2, width=4)}],
    "Bench.advance": [
        lambda: {"self": laboratory.Bench(laboratory.Settings(depth=2, width=4)), "epochs": 1}
    ],
    "Experiment": [lambda: {"settings": laboratory.Settings(depth=2), "epochs": (0, 1, 3)}],
    "laboratory.expected": [lambda: {"settings": laboratory.Settings(depth=2, width=4)}],
    "laboratory.code": [lambda: {"settings": laboratory.Settings(depth=2), "epochs": 3}],
    "laboratory.points": [lambda: {"name": "moons"}],
    "laboratory.observed": [lambda: {"name": "one hidden layer"}],
    "laboratory.accuracies": [lambda: {"name": "one hidden layer", "seeds": [0, 1]}],
    "Twin": [lambda: {"sizes": (2, 3, 2), "activation": activations.sigmoid()}],
    "models.as_sigmoids": [
        lambda: {"tanh": models.Network((2, 3, 2), activations.tanh()).draw([0])}
    ],
    "doctor.suited": [lambda: {"name": "relu"}],
    "doctor.table": [lambda: {"network": theory.forecast(NETWORK_ON_PAPER)}],
    "doctor.examine": [lambda: {"network": NETWORK_ON_PAPER}],
    "doctor.repair": [lambda: {"network": NETWORK_ON_PAPER}],
    "theory.mean_field.variances": [variances],
    "theory.mean_field.log10_gradient": [variances],
    "theory.mean_field.fixed_point": [
        lambda: {"phi": PHI, "weight_variance": 2.25, "bias_variance": 0.5}
    ],
    "theory.mean_field.phase_diagram": [
        lambda: {"phi": PHI, "weight_variance": np.array([1.5, 2.0]), "steps": 5,
                 "bias_variance": np.array([0.5, 0.5])}
    ],
    "theory.mean_field.correlation_fixed_point": [
        lambda: {"phi": PHI, "weight_variance": 0.5, "bias_variance": 0.5}
    ],
    "theory.mean_field.critical_line": [lambda: {"phi": PHI, "q": np.array([0.5, 1.0])}],
    "theory.residual.variances": [variances],
    "theory.transformer.at": [lambda: {"series": np.array([0.5, 0.5]), "correlation": 0.5}],
    "theory.transformer.predict": [
        lambda: {"network": attention.Transformer(2, BLOCK, tokens=3), "input_likeness": 0.5},
        lambda: {"network": attention.Transformer(1, BLOCK, scaling="rezero"),
                 "output_likeness": 0.5},
    ],
    "theory.transformer.products": [lambda: {"phi": PHI, "variance": 1.5}],
    "theory.transformer.share_moments": [
        lambda: {"tokens": 3, "variance": 1.0, "correlation": 0.5}
    ],
    "theory.residual.log10_gradient": [variances],
    "Network": [
        lambda: {"sizes": (3, 4, 2), "activation": PHI, "output_initializer": initializers.he()},
        lambda: {"sizes": (3, 4, 4, 2), "activation": PHI, "residual": 0.5},
    ],
    "Network.zeros": [lambda: {"self": NETWORK, "replicas": 2}],
    "Network.draw": [lambda: {"self": NETWORK, "seeds": [0, 1]}],
    "Network.running": [lambda: {"self": NORMAL, "parameters": NORMAL.draw([0, 1])}],
    "Network.forward": [
        lambda: {"self": NETWORK, "parameters": NETWORK.draw([0, 1]), "x": BATCH.copy()},
        lambda: {"self": NORMAL, "parameters": NORMAL.draw([0, 1]), "x": BATCH.copy(),
                 "running": NORMAL.running(NORMAL.draw([0, 1])), "update": 0.1},
        lambda: {"self": models.Network((3, 4, 2), activations.rrelu()), "x": BATCH.copy(),
                 "parameters": NETWORK.draw([0, 1]),
                 "rngs": [np.random.default_rng(0), np.random.default_rng(1)]},
    ],
    "Network.backward": [
        lambda: {"self": NETWORK, "gradient": np.ones((2, 2, 4)), "into": NETWORK.zeros(2),
                 **dict(zip(("parameters", "trace"), passed(), strict=True))}
    ],
    "Parameters": [
        lambda: {"shapes": {"w": (2, 2)}, "replicas": 2, "decayed": frozenset({"w"})}
    ],
    "Parameters.like": [lambda: {"self": parameters_of(1)}],
    "Parameters.astype": [lambda: {"self": parameters_of(1), "dtype": np.float32}],
    "Training": [
        lambda: {"network": NETWORK, "optimizer": training.sgd(0.1), "seeds": [0, 1]},
        lambda: {"network": models.Network((3, 1), PHI), "optimizer": training.sgd(0.1),
                 "seeds": [0], "loss": "logistic"},
    ],
    "Training.run": [
        lambda: {"self": training.Training(NETWORK, training.adam(0.1), [0, 1]), "epochs": 1,
                 "inputs": POINTS.copy(), "labels": LABELS.copy(), "batch": 2,
                 "test": (POINTS.copy(), LABELS.copy()), "clip_norm": 1.0},
        lambda: {"self": training.Training(models.Network((3, 1), PHI), training.sgd(0.1), [0],
                                           loss="logistic"),
                 "inputs": POINTS.copy(), "labels": LABELS * 1.0, "batch": 2, "epochs": 1},
    ],
    "Training.predict": [
        lambda: {"self": training.Training(NETWORK, training.sgd(0.1), [0]),
                 "inputs": POINTS.copy()}
    ],
    "training.adam": [
        lambda: {"rate": 0.1, "decays": (0.9, 0.99), "factors": {"weight 1": 0.5}}
    ],
    "training.sgd": [lambda: {"rate": [0.1, 0.2], "factors": {"bias 1": [0.5, 2.0]}}],
    "training.momentum": [lambda: {"rate": 0.1}],
    "training.nesterov": [lambda: {"rate": 0.1}],
    "training.clip": [lambda: {"gradient": parameters_of(2.0), "threshold": 1.0}],
    "models.cross_entropy": [
        lambda: {"outputs": BATCH.copy(), "labels": np.array([[0, 1, 2, 0], [2, 1, 0, 1]])}
    ],
    "models.logistic": [
        lambda: {"outputs": BATCH[:, :1].copy(), "labels": np.array([[0, 1, 1, 0], [0, 1, 0, 1]])}
    ],
    "models.squared_error": [
        lambda: {"outputs": BATCH[:, :1].copy(), "targets": BATCH[:, 0].copy()}
    ],
    "BoltzmannMachine": [lambda: {"visible": 3, "hidden": 2, "seeds": [0, 1]}],
    "BoltzmannMachine.received": [lambda: {"self": machine(), "v": np.ones((2, 3, 4))}],
    "BoltzmannMachine.features": [lambda: {"self": machine(), "inputs": np.ones((4, 3))}],
    "BoltzmannMachine.sample_hidden": [lambda: {"self": machine(), "v": np.ones((2, 3, 4))}],
    "BoltzmannMachine.visible_mean": [lambda: {"self": machine(), "h": np.ones((2, 2, 4))}],
    "BoltzmannMachine.contrast": [lambda: {"self": machine(), "v": np.ones((2, 3, 4))}],
    "BoltzmannMachine.run": [
        lambda: {"self": machine(), "inputs": np.ones((4, 3)), "epochs": 1, "rate": 0.1,
                 "batch": 2}
    ],
    "models.boltzmann.noisy_relu": [
        lambda: {"x": BATCH.copy(), "rng": np.random.default_rng(0)}
    ],
    "Examples": [lambda: {"inputs": SERIES[:, 0].copy(), "targets": CLASSES[0, 0].copy()}],
    "Reader": [lambda: {"cell": LSTM, "outputs": 2}],
    "Reader.draw": [lambda: {"self": READER, "seeds": [0, 1], "start": recurrent.Start()}],
    "Reader.read": [
        lambda: {"self": READER, "parameters": READER.draw([0, 1]), "inputs": SERIES.copy()}
    ],
    "Reader.judge": [
        lambda: {"self": READER, "parameters": READER.draw([0, 1]), "inputs": SERIES.copy(),
                 "targets": CLASSES.copy(), "room": {}}
    ],
    "Reader.backward": [lambda: {"self": READER, **read(), "truncate": 2, "room": {}}],
    "models.regression.gradient_descent": [
        lambda: {"features": POINTS.copy(), "labels": LABELS.copy(), "rate": 0.1, "steps": 2}
    ],
    "models.regression.newton": [
        lambda: {"features": POINTS[:, :1].copy(), "labels": LABELS.copy()}
    ],
    "Checks": [
        lambda: {"every": 2, "samples": 2, "test": few(3, 0), "solved": 0.9, "watch": firsts}
    ],
    "SequenceTraining": [
        lambda: {"reader": READER, "optimizer": training.sgd(0.1), "seeds": [0, 1],
                 "start": recurrent.Start()}
    ],
    "SequenceTraining.run": [
        lambda: {"self": readers(), "problem": few, "steps": 2, "batch": 2, "truncate": 3,
                 "checks": sequences.Checks(every=2, test=few(3, 0), watch=firsts)},
        lambda: {"self": readers(), "problem": few, "steps": 2,
                 "checks": sequences.Checks(samples=2)},
    ],
    "Measurements.axes": [
        lambda: {"self": readers().run(few, 1, checks=sequences.Checks(samples=2)),
                 "name": "success"},
        lambda: {"self": training.Training(NETWORK, training.sgd(0.1), [0]).run(
            POINTS, LABELS, 1, batch=3), "name": "train_loss"},
    ],
}  # fmt: skip

# What a function writes to: its arguments by name, or itself.
WRITES = {
    "training.clip": {"gradient"}, "Training.run": {"self"}, "Bench.advance": {"self"},
    "SequenceTraining.run": {"self"},
    "Cell.forward": {"room"},
    "Cell.backward": {"room"}, "Network.backward": {"into", "trace"},
    "Network.forward": {"running", "rngs"},
    "BoltzmannMachine.sample_hidden": {"self"}, "BoltzmannMachine.contrast": {"self"},
    "BoltzmannMachine.run": {"self"}, "models.boltzmann.noisy_relu": {"rng"},
    "Reader.judge": {"room"}, "Reader.backward": {"gradient", "room"},
}  # fmt: skip

# What a call may raise by its documentation: numbers that leave their range on the way.
DOCUMENTED = (training.DivergenceError, RuntimeError)

NAN, INF = float("nan"), float("inf")


def strangers():
    """What no argument is made for, or few are."""
    return [
        None, "text", "", b"bytes", object(), {}, {"a": 1}, [], (), set(), 1j, True, print,
        np.array("text"), np.array([None]), np.array([1j]), np.array(["a"]), [[1.0], [1.0, 2.0]],
        np.zeros(0), np.zeros((0, 3)), np.zeros((2, 0)), np.ones(()), np.ones(1), np.ones((1, 1)),
        np.ones((2, 2, 2, 2, 2)), np.array([NAN]), np.array([INF]), np.array([True, False]),
        NAN, INF, -INF, -1, 0, 1, 2.5, -1e-300, 1e300, 10**400, -(10**400), Fraction(1, 3),
        np.float16(0.5), np.int8(1), np.datetime64("2020-01-01"), np.dtype(int), int, PHI,
    ]  # fmt: skip


def relatives(value):
    """Values near a valid one that are not equal to it."""
    if isinstance(value, np.ndarray):
        yield from (value[None], value[..., None], value[:-1], value[..., :-1], value.T[..., :1])
        yield from (value.astype(str), value.astype(object), value.ravel())
        if value.dtype.kind not in "fiu":
            return
        yield from (value.astype(complex), value.astype(bool), -1 - value, value + 10)
        for number in (NAN, INF, -INF):
            if value.dtype.kind == "f":
                changed = value.copy()
                changed.flat[0] = number
                yield changed
        if value.dtype.kind == "f":
            yield from (
                value.astype(np.float16),
                value.astype(np.float32),
                np.nan_to_num(value, posinf=1, neginf=1).round().astype(int),
            )
        else:
            yield from (value + 0.5, value.astype(np.uint8))
    elif isinstance(value, dict):
        yield from ({**value, "more": 1.0}, dict(list(value.items())[1:]))
        for name, array in value.items():
            if isinstance(array, np.ndarray):
                yield from ({**value, name: other} for other in relatives(array))
    elif isinstance(value, (list, tuple)) and value:
        kind = type(value)
        yield from (value[:-1], kind([*value, value[0]]), kind([None, *value[1:]]))
        yield from (kind([NAN, *value[1:]]), kind(["text", *value[1:]]), kind([-1, *value[1:]]))
        yield value[0]
        for k, entry in enumerate(value):
            if isinstance(entry, np.ndarray):
                yield from (
                    kind([*value[:k], other, *value[k + 1 :]]) for other in relatives(entry)
                )
    elif isinstance(value, str):
        yield from (value + " ", value.upper(), [value], np.array(value))
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield from (-value, value + 0.5, str(value), [value], np.array([value]), complex(value))
    elif isinstance(value, models.Parameters):
        yield models.Parameters({"w": (3,)}, 2)
        yield models.Parameters(value.shapes, value.replicas + 1)
    elif isinstance(value, models.Network):
        yield models.Network((5, 2), PHI)


def twins(value):
    """Other forms of the same value, which must give the same result."""
    if isinstance(value, np.ndarray):
        fixed = value.copy()
        fixed.flags.writeable = False
        yield fixed
        yield np.repeat(value, 2, axis=-1)[..., ::2] if value.ndim else value
        yield np.asfortranarray(value)
        yield np.flip(np.flip(value).copy())
        yield value.tolist()
        yield value.astype(value.dtype.newbyteorder())
    elif isinstance(value, bool) or value is None:
        return
    elif isinstance(value, int):
        yield np.int64(value)
        if 0 <= value < 256:
            yield np.uint8(value)
    elif isinstance(value, float):
        yield np.float64(value)
    elif isinstance(value, list):
        yield tuple(value)
        if all(isinstance(entry, int) for entry in value):
            yield from (np.array(value), range(value[0], value[-1] + 1))


def arguments(name, function):
    """Names of the arguments that are walked."""
    signature = inspect.signature(function)
    kinds = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
    found = {}
    for argument in signature.parameters.values():
        if argument.kind not in kinds and argument.name not in ("self", "cls"):
            found[argument.name] = argument.default
    return found


def call(name, values):
    """Call by name, under every check that NumPy and Python have."""
    values = dict(values)
    if name in CALLABLES and "." in name and name.split(".")[0][0].isupper():
        function = getattr(values.pop("self"), name.split(".")[1])
    else:
        function = CALLABLES[name]
    with warnings.catch_warnings(), np.errstate(all="raise"):
        warnings.simplefilter("error")
        return function(**values)


class Walk:
    """One argument of a callable after the other replaced."""

    def __init__(self, name):
        self.name, self.tried, self.refused, self.faults = name, 0, 0, []
        # Where two arguments contradict each other, either may be named.
        self.names = re.compile(rf"\b({'|'.join(arguments(name, CALLABLES[name])) or ' '})\b")

    def fault(self, argument, value, what):
        shown = repr(value).replace("\n", " ")[:80]
        self.faults.append(f"{self.name}({argument}={shown}): {what}")

    def attempt(self, make, argument, value, expected=None):
        self.tried += 1
        values = make() | {argument: value}
        try:
            before = copy.deepcopy(values)
        except Exception:
            before = dict(values)
        written = WRITES.get(self.name, set())
        try:
            result = call(self.name, values)
        except (TypeError, ValueError) as error:
            self.refused += 1
            text = str(error)
            if not (self.names.search(text) and re.search(r"\b(must|cannot|needs?)\b", text)):
                self.fault(argument, value, f"not named: {type(error).__name__}: {text[:150]}")
            written = written & {"room"}
        except DOCUMENTED as error:
            if not re.search("no longer finite|has not settled", str(error)):
                self.fault(argument, value, f"{type(error).__name__}: {error}")
            return
        except Exception as error:
            text = str(error).replace("\n", " ")[:150]
            self.fault(argument, value, f"{type(error).__name__}: {text}")
            return
        else:
            if expected is not None and not alike(result, expected):
                self.fault(argument, value, "another result")
        for key in set(before) - written:
            if not unchanged(before[key], values[key]):
                self.fault(argument, value, f"{key} was changed")

    def run(self):
        for make in EXAMPLES.get(self.name, [dict]):
            given = make()
            expected = call(self.name, make())
            for argument, default in arguments(self.name, CALLABLES[self.name]).items():
                valid = given.get(argument, default)
                for value in (*strangers(), *relatives(valid)):
                    if value is PHI and callable(valid):
                        continue  # a function of other arguments raises what it likes
                    self.attempt(make, argument, value)
                for value in twins(valid):
                    self.attempt(make, argument, value, expected)
        return self


def alike(one, other):
    """Whether results agree to rounding: sums may go in another order."""
    if isinstance(one, models.Pass):  # its deltas are not filled before the way back
        one, other = one.outputs, other.outputs
    one, other = (
        vars(x) if hasattr(x, "__dict__") and not callable(x) else x for x in (one, other)
    )
    if isinstance(one, np.ndarray) and one.dtype.kind in "fc":
        return one.shape == other.shape and np.allclose(
            one, other, rtol=1e-6, atol=1e-9, equal_nan=True
        )
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(alike(one[k], other[k]) for k in one)
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(map(alike, one, other))
    if isinstance(one, (np.random.Generator, types.FunctionType, types.BuiltinFunctionType)):
        return True
    return same(one, other)


def unchanged(before, after):
    if callable(after) or type(after) is object:
        return True
    return same(before, after)


WALKED = [name for name in CALLABLES if name not in NOT_WALKED]


@pytest.fixture(scope="module")
def counts():
    """Count what was tried and refused, and print it in the end."""
    found = {"tried": 0, "refused": 0, "callables": 0}
    yield found
    print(
        f"\n{found['callables']} callables: {found['tried']} inputs tried, "
        f"{found['refused']} refused by name"
    )


@pytest.mark.parametrize("name", WALKED)
def test_each_argument_is_taken_or_refused_by_name(name, counts):
    walk = Walk(name).run()
    assert not walk.faults, "\n".join(walk.faults)
    for key, number in (("tried", walk.tried), ("refused", walk.refused), ("callables", 1)):
        counts[key] += number


def test_thousands_of_inputs_were_tried(counts):
    if counts["callables"] < len(WALKED):
        pytest.skip("another worker has walked some of the callables")
    assert counts["tried"] > 20_000
    assert counts["refused"] > 15_000


def test_whatever_takes_arguments_has_an_example():
    for name in WALKED:
        needed = [a for a, default in arguments(name, CALLABLES[name]).items()
                  if default is inspect.Parameter.empty]  # fmt: skip
        method = name.split(".")[0][0].isupper() and "." in name
        assert name in EXAMPLES or not (needed or method), f"{name} has no example"
    assert not set(EXAMPLES) - set(CALLABLES), "examples of what is not there"
    assert not set(NOT_WALKED) - set(CALLABLES), "exemptions of what is not there"
    assert len(WALKED) > 100


def objects(thing, found):
    """Collect the objects of lib in a result."""
    if isinstance(thing, (list, tuple)):
        for part in thing:
            objects(part, found)
        return
    if isinstance(thing, Mapping):
        objects(list(thing.values()), found)
    if type(thing).__module__.startswith("lib") and not isinstance(thing, type):
        found.append(thing)
        objects(list(getattr(thing, "__dict__", {}).values()), found)


@pytest.mark.parametrize("name", [n for n in WALKED if n != "ledger.entries"])
def test_what_is_returned_can_be_copied_and_compared(name):
    for make in EXAMPLES.get(name, [dict]):
        found = []
        given = make()
        objects([call(name, given), given.get("self")], found)
        for thing in found:
            for copied in (copy.copy, copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))):
                twin = copied(thing)
                assert type(twin) is type(thing)
                assert twin == thing


def test_objects_of_every_public_class_were_copied():
    seen = set()
    for name in WALKED:
        if name == "ledger.entries":
            seen.add("Entry")
            continue
        for make in EXAMPLES.get(name, [dict]):
            found = []
            given = make()
            objects([call(name, given), *given.values()], found)
            seen |= {type(thing).__name__ for thing in found}
            seen |= {type(vars(t).get("arrays")).__name__ for t in found if hasattr(t, "__dict__")}
    classes = {value.__name__ for value in PUBLIC.values() if inspect.isclass(value)}
    assert classes - seen <= {"Cell", "Optimizer", "DivergenceError"}
