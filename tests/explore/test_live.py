"""In a kernel an explorer is made of widgets, and every move redraws it."""

import nbformat
import pytest
from nbclient import NotebookClient

CELLS = (
    """
from lib.explore import explore
from lib.figures import sigmoid
from lib.figures.render import Stage
widget = explore(sigmoid.logistic_fit, weight=(-0.4, 0.1, 0.05), bias=[-1.0, 0.0, 1.0])
stage = Stage(sigmoid.logistic_fit)
controls = widget.children[0].children
widget
""",
    """
for weight, bias in [(-0.25, -1.0), (0.1, 1.0), (-0.4, 0.0)]:
    controls[0].value, controls[1].value = weight, bias
    frame = stage.frame({"weight": weight, "bias": bias})
    assert frame.caption in widget.children[2].value, widget.children[2].value
    assert "<svg" in widget.children[1].value
    ids = widget.children[1].value.split('id="')[1].split("-0-")[0]
    assert frame.pictures[0].replace("EXPLORER", ids)[-500:] in widget.children[1].value
""",
    """
import sys
assert "matplotlib.pyplot" not in sys.modules  # so no figure can pile up
assert all(type(control).__module__.startswith("ipywidgets") for control in controls)
""",
    """
def broken(ax, *, x=1):
    "A figure that fails on the right."
    if x > 2:
        raise ValueError("too far")
    return f"at {x}"
failing = explore(broken, x=(1, 4))
failing.children[0].children[0].value = 4
assert "broken failed for x=4: ValueError: too far" in failing.children[2].value
failing.children[0].children[0].value = 2
assert "at 2" in failing.children[2].value
""",
)


@pytest.fixture(scope="module")
def notebook():
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in CELLS])
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("VANISHING_GRADIENTS_STATIC", raising=False)
        NotebookClient(notebook, timeout=1200, kernel_name="python3").execute()
    return notebook


def test_explorer_is_a_widget_that_redraws(notebook):
    assert "application/vnd.jupyter.widget-view+json" in notebook.cells[0].outputs[-1].data
    assert [output.output_type for cell in notebook.cells[1:] for output in cell.outputs] == []


LIVE_CELLS = (
    """
import asyncio
from lib.explore import explore, live
live.SETTLE_SECONDS = 2.0  # all moves arrive within this time, also on a busy machine
drawn = []
def dot(ax, *, place=0):
    "A dot at a place."
    ax.plot([place], [0], "o")
    drawn.append(place)
    return f"The dot is at {place}."
widget = explore(dot, place=(0, 60))
slider = widget.children[0].children[0]
print(slider.comm.comm_id)
""",
    """
for _ in range(600):
    if drawn[-1] == 60:
        break
    await asyncio.sleep(0.1)
assert drawn[-1] == 60 and "at 60." in widget.children[2].value, drawn
assert 2 <= len(drawn) <= 30, drawn  # the first, and far fewer than the sixty moves
""",
    """
still = explore(dot, fixed={"place": 7})
assert "at 7." in still.data and "<svg" in still.data
still
""",
)


def test_reader_who_moves_faster_than_the_kernel_draws_sees_the_latest_value():
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in LIVE_CELLS])
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("VANISHING_GRADIENTS_STATIC", raising=False)
        client = NotebookClient(notebook, timeout=1200, kernel_name="python3")
        with client.setup_kernel():
            cells = notebook.cells
            slider = client.execute_cell(cells[0], 0).outputs[0].text.strip()
            for index in range(1, 61):
                move = {"method": "update", "state": {"index": index}, "buffer_paths": []}
                content = {"comm_id": slider, "data": move}
                client.kc.shell_channel.send(client.kc.session.msg("comm_msg", content))
            for number, cell in enumerate(cells[1:], start=1):
                client.execute_cell(cell, number)
    assert set(cells[2].outputs[-1].data) == {"text/html", "text/plain"}
