"""A time limit for one step, in seconds of processor time."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from lib.symbolic.trust import NotProved

_active = threading.local()


class OutOfTime(BaseException):
    """The time for a step is used up; no ``except Exception`` on the way may swallow it."""


def can_limit() -> bool:
    """Tell whether a step can be interrupted: on Unix, and in the main thread only.

    Windows, browsers and threads have no timer that counts processor time. There a step takes as
    long as it takes.
    """
    return hasattr(signal, "setitimer") and (threading.current_thread() is threading.main_thread())


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Raise `NotProved` in the block once this process has computed for so many seconds."""
    if not can_limit() or getattr(_active, "on", False):
        yield
        return

    def stop(number: int, frame: FrameType | None) -> None:
        raise OutOfTime

    try:
        before = signal.signal(signal.SIGPROF, stop)
        signal.setitimer(signal.ITIMER_PROF, seconds, 0.5)
    except (OSError, ValueError, AttributeError):  # a platform that has the names only
        yield
        return
    _active.on = True
    try:
        yield
    except OutOfTime:
        raise NotProved(
            f"no proof was found within {seconds:g} seconds of processor time"
        ) from None
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
        _active.on = False
