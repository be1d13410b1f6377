"""Deep chains against PyTorch's autograd, JAX and the matrix products that cannot be avoided.

Side by side in one run, with the same weights, inputs and number of threads: both passes through a
chain and the norm of the gradient at every layer; then a whole sweep, weights drawn included,
against a loop over networks. Ratios are of medians over blocks
of rounds.

Run it with ``make bench``. PyTorch and JAX are not among the book's requirements: what is not
installed is left out. The peak of memory is that of the whole process.
"""

import os
import resource
import statistics
import time
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import numpy as np

from lib import activations, chain
from lib.chain._passes import Architecture, Tape, backward, forward
from lib.chain._statistics import wide_norm

SHAPES = ((100, 256, 128), (50, 512, 64), (200, 128, 256), (1000, 64, 64))
BLOCKS, ROUNDS = 3, 5
GAINS, SEEDS, SWEEP = 20, 20, {"depth": 50, "width": 128, "batch": 64}


def optional(name: str) -> ModuleType | None:
    """Import a peer if it is there."""
    try:
        return __import__(name)
    except ImportError:
        print(f"{name} is not installed: left out")
        return None


def medians(*sides: Callable[[], Any]) -> list[float]:
    """Milliseconds of each side, in blocks: thread pools that alternate slow each other down."""
    times: list[list[float]] = [[] for _ in sides]
    for _ in range(BLOCKS):
        for spent, side in zip(times, sides, strict=True):
            side()
            side()
            for _ in range(ROUNDS):
                start = time.perf_counter()
                side()
                spent.append(1e3 * (time.perf_counter() - start))
    return [statistics.median(spent) for spent in times]


def line(name: str, ours: float, peer: str, theirs: float, goal: str) -> None:
    """Print one comparison."""
    print(
        f"{name:38} ours {ours:8.1f} ms  {peer:9} {theirs:8.1f} ms  "
        f"ratio {ours / theirs:5.2f}  goal {goal}",
        flush=True,
    )


class Case:
    """One chain, ready to be run by each side."""

    def __init__(self, depth: int, width: int, batch: int, dtype: str, activation: str) -> None:
        rng = np.random.default_rng(0)
        shape = (depth, width, width)
        self.name = f"{activation} {dtype} depth {depth} width {width} batch {batch}"
        self.activation = activation
        self.weights = (rng.standard_normal(shape) / np.sqrt(width)).astype(dtype)
        self.x, self.start = rng.standard_normal((2, width, batch)).astype(dtype)
        self.architecture = Architecture(
            activations=(activations.get(activation),), scales=(1.0,),
            widths=(width,) * (depth + 1), batch=batch, normalization=None, epsilon=1e-5,
            residual=None, dtype=np.dtype(dtype),
        )  # fmt: skip

    def ours(self) -> list[float]:
        """Gradient norms by layer, the last one first."""
        tape, layers = Tape(), iter(self.weights[:, None])
        no_biases: Iterator[None] = iter([None] * len(self.weights))
        with np.errstate(all="ignore"):
            for _ in forward(self.architecture, layers, no_biases, self.x[None, :, None], tape):
                pass
            gradient, norms = self.start[None, :, None, None], []
            for layer in reversed(range(len(self.weights))):
                exponent, norm = wide_norm(gradient)
                norms.append(float(np.ldexp(norm, exponent).item()))
                _, gradient = backward(self.architecture, tape, layer, gradient)
        tape.release()
        return norms

    def products(self) -> None:
        """Multiply by every matrix and by every transpose."""
        for matrix in self.weights:
            matrix @ self.x
        for matrix in self.weights:
            matrix.T @ self.x

    def torch(self, torch: Any) -> Callable[[], list[float]]:
        """Do the same with PyTorch: the gradients of all pre-activations, kept."""
        weights = [torch.from_numpy(matrix) for matrix in self.weights]
        x, start = torch.from_numpy(self.x), torch.from_numpy(self.start)
        function = getattr(torch, self.activation)

        def run() -> list[float]:
            layers = [(weights[0] @ x).requires_grad_()]
            for matrix in weights[1:]:
                layers.append(matrix @ function(layers[-1]))
                layers[-1].retain_grad()
            layers[-1].backward(start)
            return [layer.grad.norm() for layer in reversed(layers)]

        return run

    def jax(self, jax: Any) -> Callable[[], Any]:
        """Do the same with JAX, compiled: gradients with respect to a zero added to each layer."""
        jax.config.update("jax_enable_x64", True)
        numbers = jax.numpy
        weights, x, start = (numbers.asarray(a) for a in (self.weights, self.x, self.start))
        function = {"tanh": numbers.tanh, "relu": jax.nn.relu}[self.activation]

        def loss(shifts: Any) -> Any:
            def layer(h: Any, both: Any) -> Any:
                return both[0] @ function(h) + both[1], None

            first = weights[0] @ x + shifts[0]
            last, _ = jax.lax.scan(layer, first, (weights[1:], shifts[1:]))
            return numbers.vdot(last, start)

        zeros = numbers.zeros((len(weights), *x.shape), x.dtype)
        norms = jax.jit(lambda z: numbers.linalg.norm(jax.grad(loss)(z), axis=(1, 2)))
        return lambda: norms(zeros).block_until_ready()


def torch_sweep(torch: Any, gains: np.ndarray) -> Callable[[], None]:
    """Loop over seeds and gains, with weights of its own for each."""
    depth, width, batch = SWEEP.values()

    def run() -> None:
        for seed in range(SEEDS):
            torch.manual_seed(seed)
            for gain in gains:
                layers = [torch.randn(width, batch, dtype=torch.float32).requires_grad_()]
                for _ in range(depth):
                    matrix = torch.randn(width, width) * (gain / width**0.5)
                    layers.append(matrix @ torch.tanh(layers[-1]))
                    layers[-1].retain_grad()
                layers[-1].backward(torch.randn(width, batch))
                for layer in layers:
                    layer.grad.norm()

    return run


def main() -> None:
    """Print one line a case."""
    torch, jax = optional("torch"), optional("jax")
    if torch is not None:
        torch.set_num_threads(os.cpu_count())
    for shape in SHAPES:
        for dtype in ("float32", "float64"):
            for activation in ("tanh", "relu"):
                case = Case(*shape, dtype, activation)
                peers: dict[str, Callable[[], Any]] = {"products": case.products}
                if torch is not None:
                    peers["torch"] = case.torch(torch)
                    ours, theirs = np.array(case.ours()), np.array(peers["torch"]())
                    safe = ours > 1e-15  # smaller ones, PyTorch's float32 sum of squares loses
                    np.testing.assert_allclose(ours[safe], theirs[safe], rtol=1e-3)
                if jax is not None:
                    peers["jax"] = case.jax(jax)
                spent, *others = medians(case.ours, *peers.values())
                width = shape[1]
                goals = {
                    "products": "at most 1.2" if width >= 512 else "none",
                    "torch": f"at most {0.85 if width >= 256 else 0.5}",
                    "jax": "none",
                }
                for peer, other in zip(peers, others, strict=True):
                    line(case.name, spent, peer, other, goals[peer])
    gains = np.linspace(0.5, 2.5, GAINS)
    start = time.perf_counter()
    chain.sweep(
        chain.Grid(
            ["tanh"], weight_variances=list(gains**2), depths=[SWEEP["depth"]], width=SWEEP["width"]
        ),
        batch=SWEEP["batch"],
        replicas=SEEDS,
        dtype="float32",
    )
    spent = 1e3 * (time.perf_counter() - start)
    if torch is not None:
        start = time.perf_counter()
        torch_sweep(torch, gains)()
        other = 1e3 * (time.perf_counter() - start)
        line("sweep of 400 networks, all measured", spent, "torch", other, "at most 0.4")
    for depth, width in ((10_000, 64),):
        start = time.perf_counter()
        chain.simulate(
            chain.MLP("relu", depth=depth, width=width, weight_variance=2), batch=1, replicas=1
        )
        print(f"depth {depth}, width {width}: {time.perf_counter() - start:.2f} s")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"peak memory of the process: {peak:.2f} GiB")


if __name__ == "__main__":
    main()
