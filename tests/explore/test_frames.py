"""Frames packed into templates come back as they were, small and the same every time."""

import gzip
import os
import signal
import subprocess
import sys

import numpy as np
import pytest

from lib.explore import frames
from lib.explore.controls import make_controls
from lib.explore.frames import PARALLEL_FROM, draw_all, pack
from lib.explore.page import StaticExplorer
from lib.figures.render import Stage


def waves(ax, *, phase=0.0, count=1):
    """Several waves."""
    x = np.linspace(0, 10, 200)
    for index in range(count):
        ax.plot(x, np.sin(x + phase) * (index + 1))
    ax.set(xlim=(0, 10), ylim=(-6, 6), xlabel="x")
    return f"{count} waves, moved by {phase:.2f}."


def fails_at_three(ax, *, count=1):
    """A figure that cannot show three."""
    if count == 3:
        raise ZeroDivisionError("no third")
    return "fine"


def explorer(draw, **parameters):
    controls = make_controls(draw, parameters, start={}, labels={}, units={}, fixed={})
    return StaticExplorer(draw, controls, {}, None)


def test_packed_frames_are_the_drawn_ones():
    one = explorer(waves, phase=(0.0, 2.0, 0.5), count=(1, 3))
    packed = pack(one.frames)
    stage = Stage(waves)
    for index, point in enumerate(one.points):
        frame = stage.frame(point)
        assert packed.unpack(index) == (one.join(frame.pictures), frame.caption)
    assert len(packed.templates) == 3  # one for each number of waves


def test_frames_drawn_side_by_side_are_those_drawn_in_turn(monkeypatch):
    from lib.figures import sigmoid

    monkeypatch.setattr(frames, "_script_would_run_again", lambda: False)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    points = [{"x": float(x)} for x in np.linspace(-8, 8, PARALLEL_FROM + 7)]
    stage = Stage(sigmoid.tangent)
    drawn_in_turn = [stage.frame(point) for point in points]
    monkeypatch.setattr(frames, "Stage", None)  # so that this process cannot draw
    assert draw_all(sigmoid.tangent, points) == drawn_in_turn


def test_interrupt_leaves_the_drawing_processes_alive():
    pool = frames._pool(1)
    os.kill(pool.submit(os.getpid).result(), signal.SIGINT)
    assert pool.submit(len, "still there").result() == 11


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGKILL])
def test_drawing_processes_end_with_the_one_that_started_them(sent):
    program = (
        "import time\nfrom lib.explore import frames\npool = frames._pool(2)\n"
        "pool.submit(time.sleep, 0).result()\n"  # is idle when the end comes
        "pool.submit(time.sleep, 3600)\nprint('open', flush=True)\ntime.sleep(3600)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, start_new_session=True
    ) as run:
        assert run.stdout.readline() == b"open\n"
        run.send_signal(sent)
        # All processes that it started write to the same pipe, which ends with the last of them.
        try:
            run.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            os.killpg(run.pid, signal.SIGKILL)
            raise


def test_script_without_a_guard_runs_once(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        "import os; os.environ['VANISHING_GRADIENTS_STATIC'] = '1'\n"
        "from lib.explore import explore\nfrom lib.figures import sigmoid\n"
        "print(explore(sigmoid.tangent, x=(-8.0, 8.0, 0.25))._repr_html_()[:7])"
    )
    run = subprocess.run([sys.executable, script], capture_output=True, check=True, text=True)
    assert run.stdout == "<figure\n"


def test_values_that_no_other_process_can_receive_are_drawn_here():
    from lib.figures import sigmoid

    assert not frames._can_be_sent(sigmoid.tangent, [{"x": lambda: 1}])


@pytest.mark.rotates(4)
def test_three_hundred_frames_weigh_less_than_sixty_kilobytes():
    html = explorer(waves, phase=(0.0, 2.99, 0.01))._repr_html_()
    assert html.count('"frames"') == 1
    assert len(gzip.compress(html.encode())) < 60_000


def test_building_twice_gives_the_same_bytes():
    program = (
        "import os; os.environ['VANISHING_GRADIENTS_STATIC'] = '1'\n"
        "from lib.explore import explore\nfrom lib.figures import sigmoid\n"
        "import sys; sys.stdout.write(explore(sigmoid.tangent, x=(-2, 2))._repr_html_())"
    )
    runs = [
        subprocess.run(
            [sys.executable, "-c", program],
            capture_output=True,
            check=True,
            env=os.environ | {"PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    ]
    assert runs[0] == runs[1]
    assert len(runs[0]) > 10_000


def test_failure_names_the_values():
    with pytest.raises(RuntimeError, match="fails_at_three failed for count=3: ZeroDivisionError"):
        explorer(fails_at_three, count=(1, 4))
