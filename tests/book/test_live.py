"""Every chapter runs in the environment of a reader, and every control answers there."""

from pathlib import Path

import jupytext
import nbformat
import pytest
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from the_book import READER, ROOT, pages, source_of

REGISTER = """
from lib.explore import live as _live
_explorers = []
_made = _live.LiveExplorer.__init__
def _register(self, *arguments, **named):
    _made(self, *arguments, **named)
    _explorers.append(self)
_live.LiveExplorer.__init__ = _register
"""
MOVE = """
from html import escape as _escape
from lib.figures.render import Stage as _Stage
for _one in _explorers:
    for _name, _control in _one.controls.items():
        _kept = _control.value
        for _value in [v for v in _one.choices[_name].values if v != _kept][:3]:
            _before = _one.redraws
            _control.value = _value
            assert _one.redraws == _before + 1, (_one.stage.draw, _name, _value)
            _frame = _Stage(_one.stage.draw).frame(_one.parameters())
            assert _escape(_frame.caption) in _one.caption.value, (_one.stage.draw, _name, _value)
        _control.value = _kept
import sys as _sys
print(_sys.prefix, len(_explorers))
"""
KERNEL = [READER / "bin/python", "-m", "ipykernel_launcher", "-f", "{connection_file}"]


class ReaderKernel(AsyncKernelManager):
    """A kernel of an environment that holds what requirements.txt names, and nothing else."""

    def format_kernel_cmd(self, extra_arguments: list[str] | None = None) -> list[str]:
        return [str(part).format(connection_file=self.connection_file) for part in KERNEL]


def explored(page: str) -> bool:
    return "explore(" in source_of(page)


@pytest.mark.rotates(12)
@pytest.mark.parametrize("page", [page for page in pages() if explored(page)])
def test_chapter_runs_in_a_kernel_and_its_controls_answer(
    page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("VANISHING_GRADIENTS_STATIC", raising=False)
    notebook = jupytext.reads(source_of(page), fmt="md:myst")
    notebook.cells.insert(0, nbformat.v4.new_code_cell(REGISTER))
    notebook.cells.append(nbformat.v4.new_code_cell(MOVE))
    client = NotebookClient(
        notebook,
        timeout=6000,
        kernel_manager_class=ReaderKernel,
        resources={"metadata": {"path": str(ROOT / "book")}},
    )
    client.execute()
    outputs = [o for cell in notebook.cells for o in cell.get("outputs", [])]
    errors = [o["text"] for o in outputs if o.get("name") == "stderr"]
    assert errors == []
    prefix, count = notebook.cells[-1].outputs[-1]["text"].rsplit(maxsplit=1)
    assert Path(prefix) == READER
    assert int(count) > 0
