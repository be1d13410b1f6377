"""Which data, which network, which start and which optimizer."""

from __future__ import annotations

from dataclasses import dataclass

from lib import activations, initializers, models
from lib._checks import boolean, choice, integer, real
from lib.initializers import Initializer
from lib.theory import Description

DATA = ("circles", "moons", "spirals", "digits")
OPTIMIZERS = ("sgd", "momentum", "adam")
STARTS = ("xavier", "he", "lecun", "orthogonal", "pytorch_linear", "tiny", "twin of tanh")
TWIN, TINY = "twin of tanh", 0.01
DEEPEST, WIDEST = 60, 128


@dataclass(frozen=True, kw_only=True)
class Settings:
    """One training on the bench.

    Parameters
    ----------
    data : {"circles", "moons", "spirals", "digits"}
        Two classes of points in the plane, or handwritten digits. 400 to train on, 400 other
        points or 360 other digits to test on. Default ``"moons"``.
    depth : int
        Hidden layers, from 1 to 60. Default 2.
    width : int
        Units of each, from 1 to 128. Default 16.
    activation : str
        A name of `lib.activations`. Default ``"tanh"``.
    start : str
        How weights are drawn: a name of `lib.initializers`, or ``"tiny"`` for a standard deviation
        of 0.1 over the root of the fan-in, or, for sigmoids without normalization and residual
        connections, ``"twin of tanh"``: the weights and biases with which they compute what a tanh
        network with Xavier's weights would. Otherwise biases are 0. Default ``"xavier"``.
    batch_norm : bool
        Whether hidden layers normalize over the batch. Default False.
    residual : float, optional
        Scale of the branches of residual connections, from 0 to 10. Default: no such connections.
    optimizer : {"sgd", "momentum", "adam"}
        Default ``"sgd"``.
    rate : float
        Learning rate, from 1e-6 to 100. Default 0.1.
    seed : int
        Of the weights and of the order of the samples. Default 0.

    Raises
    ------
    TypeError, ValueError
        If a setting is not of this kind.

    Examples
    --------
    >>> Settings(depth=10, activation="sigmoid").network.sizes
    (2, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 2)
    """

    data: str = "moons"
    depth: int = 2
    width: int = 16
    activation: str = "tanh"
    start: str = "xavier"
    batch_norm: bool = False
    residual: float | None = None
    optimizer: str = "sgd"
    rate: float = 0.1
    seed: int = 0

    def __post_init__(self) -> None:
        """Check the settings."""
        choice("data", self.data, DATA)
        choice("activation", self.activation, activations.names())
        choice("start", self.start, STARTS)
        choice("optimizer", self.optimizer, OPTIMIZERS)
        checked = {
            "depth": integer("depth", self.depth, 1, DEEPEST),
            "width": integer("width", self.width, 1, WIDEST),
            "seed": integer("seed", self.seed, 0),
            "rate": real("rate", self.rate, least=1e-6, most=100),
            "batch_norm": boolean("batch_norm", self.batch_norm),
        }
        if self.start == TWIN and (
            self.activation != "sigmoid" or self.batch_norm or self.residual is not None
        ):
            raise ValueError(
                f"start must not be {TWIN!r} but for sigmoids without normalization and residual "
                f"connections; got {self.activation}, batch_norm={self.batch_norm} and "
                f"residual={self.residual}"
            )
        if self.residual is not None:
            checked["residual"] = real("residual", self.residual, least=0, most=10)
        for name, value in checked.items():
            object.__setattr__(self, name, value)

    @property
    def initializer(self) -> Initializer:
        """What draws the weights."""
        if self.start == "tiny":
            return initializers.normal(weight_variance=TINY)
        if self.start == "pytorch_linear":
            return initializers.pytorch_linear(bias_variance=0.0)
        return initializers.xavier() if self.start == TWIN else initializers.get(self.start)

    @property
    def network(self) -> models.Network:
        """The network that is trained."""
        inputs, outputs = (64, 10) if self.data == "digits" else (2, 2)
        kind = models.Twin if self.start == TWIN else models.Network
        return kind(
            (inputs, *(self.width,) * self.depth, outputs), activations.get(self.activation),
            self.initializer, output_initializer=initializers.xavier(),
            batch_norm=self.batch_norm, residual=self.residual,
        )  # fmt: skip

    @property
    def description(self) -> Description:
        """The network as theory describes it; of a twin, that of tanh."""
        return Description(
            depth=self.depth, width=self.width,
            activation="tanh" if self.start == TWIN else self.activation,
            initializer=self.initializer, normalization="batch" if self.batch_norm else None,
            residual=self.residual,
        )  # fmt: skip
