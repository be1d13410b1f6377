"""All frames of a grid, drawn in parallel and stored as templates with numbered slots."""

import atexit
import os
import pickle
import re
import signal
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from lib.figures.render import Frame, Stage
from lib.figures.style import Draw

if TYPE_CHECKING:
    from concurrent.futures import ProcessPoolExecutor

PARALLEL_FROM = 48
# What may differ between frames of one template: attribute values and text.
_SLOT = re.compile(r'"[^"]*"|>[^<]+<')


@dataclass(frozen=True)
class Packed:
    """Frames as few templates, one table of values, and for each frame the values of its slots.

    Attributes
    ----------
    templates : list of list of str
        The pieces around the slots; a template with n slots has n + 1 pieces.
    values : list of str
        Every distinct content of a slot, and every distinct caption.
    frames : list of list of int
        Template, caption, then the value of each slot, as indices.
    """

    templates: list[list[str]]
    values: list[str]
    frames: list[list[int]]

    def unpack(self, index: int) -> tuple[str, str]:
        """Picture and caption of one frame."""
        template, caption, *slots = self.frames[index]
        pieces = self.templates[template]
        filled = "".join(
            piece + (self.values[slots[i]] if i < len(slots) else "")
            for i, piece in enumerate(pieces)
        )
        return filled, self.values[caption]


def pack(frames: Sequence[tuple[str, str]]) -> Packed:
    """Store pictures and captions so that what frames share is stored once.

    Parameters
    ----------
    frames : sequence of (picture, caption)
        SVG text and caption of each frame.
    """
    groups: dict[tuple[str, ...], list[int]] = {}
    tokens = [_SLOT.findall(picture) for picture, _ in frames]
    for index, (picture, _) in enumerate(frames):
        groups.setdefault(tuple(_SLOT.split(picture)), []).append(index)
    table: dict[str, int] = {}
    packed: list[list[int]] = [[] for _ in frames]
    templates = []
    for skeleton, members in groups.items():
        columns = list(zip(*(tokens[i] for i in members), strict=True))
        varying = [c for c, column in enumerate(columns) if len(set(column)) > 1]
        templates.append(_pieces(skeleton, tokens[members[0]], varying))
        for row, index in enumerate(members):
            slots = [table.setdefault(columns[c][row], len(table)) for c in varying]
            caption = table.setdefault(frames[index][1], len(table))
            packed[index] = [len(templates) - 1, caption, *slots]
    return Packed(templates, list(table), packed)


def _pieces(skeleton: Sequence[str], tokens: Sequence[str], varying: Sequence[int]) -> list[str]:
    pieces, current = [], skeleton[0]
    for index, token in enumerate(tokens):
        if index in varying:
            pieces.append(current)
            current = skeleton[index + 1]
        else:
            current += token + skeleton[index + 1]
    return [*pieces, current]


def draw_all(draw: Draw, points: Sequence[dict[str, Any]]) -> list[Frame]:
    """Draw a frame for every parameter point, in several processes where that pays.

    Raises
    ------
    RuntimeError
        If the draw function raises; the message says for which values, and the cause is chained.
    """
    workers = os.cpu_count() or 1
    alone = workers == 1 or sys.platform == "emscripten"
    if len(points) < PARALLEL_FROM or alone or not _can_be_sent(draw, points):
        return _draw_some(draw, points)
    size = -(-len(points) // (4 * workers))
    chunks = [points[i : i + size] for i in range(0, len(points), size)]
    parts = _pool(workers).map(_draw_some, [draw] * len(chunks), chunks)
    return [frame for part in parts for frame in part]


def _can_be_sent(draw: Draw, points: Sequence[dict[str, Any]]) -> bool:
    """Tell whether another process can draw, without side effects of starting it."""
    # A function of a notebook or a test could not be imported there.
    ours = draw.__module__.partition(".")[0] == __name__.partition(".")[0]
    if not ours or _script_would_run_again():
        return False
    try:
        pickle.dumps((draw, points))
    except (pickle.PicklingError, AttributeError, TypeError):
        return False
    return True


def _script_would_run_again() -> bool:
    """Tell whether a new process would run the file that this one was started with."""
    main = sys.modules["__main__"]
    return getattr(main, "__spec__", None) is None and hasattr(main, "__file__")


@cache
def _pool(workers: int) -> "ProcessPoolExecutor":
    # Here, because Python in a browser has no processes to import.
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    atexit.register(_pool.cache_clear)  # while the modules that it is made of are still there
    context = multiprocessing.get_context("forkserver" if os.name == "posix" else "spawn")
    return ProcessPoolExecutor(workers, mp_context=context, initializer=_begin_to_draw)


def _begin_to_draw() -> None:
    """Make this process outlast interrupts, but not the process that it draws for."""
    # A kernel that is interrupted or shut down interrupts its children as well, and a pool that
    # has lost a worker draws nothing any more.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """End this process when its parent ends, however hard: nobody else would tell it."""
    import multiprocessing

    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    # The server that forks such processes follows the last of them.
    os._exit(1)


def _draw_some(draw: Draw, points: Sequence[dict[str, Any]]) -> list[Frame]:
    stage = Stage(draw)
    return [frame_at(stage, point) for point in points]


def frame_at(stage: Stage, point: dict[str, Any]) -> Frame:
    """Draw one frame, and say for which values if that fails."""
    try:
        return stage.frame(point)
    except Exception as error:
        values = ", ".join(f"{name}={value!r}" for name, value in point.items()) or "no parameters"
        raise RuntimeError(
            f"{stage.draw.__name__} failed for {values}: {type(error).__name__}: {error}"
        ) from error
