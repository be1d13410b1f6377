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
        NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    return notebook


def test_explorer_is_a_widget_that_redraws(notebook):
    assert "application/vnd.jupyter.widget-view+json" in notebook.cells[0].outputs[-1].data
    assert [output.output_type for cell in notebook.cells[1:] for output in cell.outputs] == []
