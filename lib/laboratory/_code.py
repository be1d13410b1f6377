"""A training on the bench as a cell that a reader can run."""

from __future__ import annotations

from lib._checks import instance, integer
from lib.laboratory._data import BATCH, SAMPLES, shape_of
from lib.laboratory._settings import TINY, TWIN, Settings


def code(settings: Settings, epochs: int) -> str:
    """Write the cell that trains the same network by `lib.training`.

    Parameters
    ----------
    settings : Settings
    epochs : int

    Returns
    -------
    str
        Python code. It leaves `history`, a `lib.training.History`.

    Examples
    --------
    >>> print(code(Settings(), 20).splitlines()[-3])
    learner = training.Training(network, training.sgd(0.1), seeds=[0])
    """
    settings = instance("settings", settings, Settings, "made by lib.laboratory.Settings")
    epochs, network = integer("epochs", epochs, 0), settings.network
    if settings.data == "digits":
        read = f"data = datasets.digits({SAMPLES})\n"
        read += "inputs, labels = data.train_images, data.train_labels\n"
    else:
        more = "".join(f", {name}={value}" for name, value in shape_of(settings.data).items())
        read = f"points, labels = datasets.{settings.data}({SAMPLES}{more}, rng=1)\n"
        read += "inputs = (points - points.mean(axis=0)) / points.std(axis=0)\n"
    draws = {
        "tiny": f"normal(weight_variance={TINY})", TWIN: "xavier()",
        "pytorch_linear": "pytorch_linear(bias_variance=0)",
    }.get(settings.start, f"{settings.start}()")  # fmt: skip
    further = ", batch_norm=True" * settings.batch_norm
    further += f", residual={settings.residual}" * (settings.residual is not None)
    first, last = network.sizes[0], network.sizes[-1]
    return (
        f"from lib import activations, datasets, initializers, models, training\n\n"
        f"{read}"
        f"network = models.{'Twin' if settings.start == TWIN else 'Network'}(\n"
        f"    ({first}, *[{settings.width}] * {settings.depth}, {last}), "
        f'activations.get("{settings.activation}"), initializers.{draws},\n'
        f"    output_initializer=initializers.xavier(){further},\n"
        f")\n"
        f"learner = training.Training("
        f"network, training.{settings.optimizer}({settings.rate!r}), seeds=[{settings.seed}])\n"
        f"history = learner.run(inputs, labels, epochs={epochs}, batch={BATCH})\n"
        f'print("loss", history.train_loss[-1], "right", history.train_accuracy[-1])\n'
    )
