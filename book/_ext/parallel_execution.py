"""Execute the chapters that have to run side by side, before Sphinx reads them one by one.

MyST-NB executes a chapter when it reads it, one after the other. Here those that will be read are
executed first, two at a time or as many as there are processors, and land in the caches that
:mod:`fresh_execution` chooses; the reading then finds all of them there. A chapter that fails is
left alone: the reading executes it again, and reports the error in the way of MyST-NB.

Every kernel calculates on one thread, because several that want all processors wait for one
another. On one thread the sums do not depend on the number of processors either.
"""

import contextlib
import logging
import os
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any

from fresh_execution import cache_of
from myst_nb.core.execute import ExecutionError, NotebookClientBase, create_client
from myst_nb.core.read import create_nb_reader
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.display import status_iterator

THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


class Silent(logging.LoggerAdapter[logging.Logger]):
    """A logger for MyST-NB that says nothing: what it has to say comes when the chapter is read."""

    def __init__(self) -> None:
        super().__init__(logging.Logger("silent", logging.CRITICAL + 1))

    def process(self, msg: Any, kwargs: Any) -> tuple[Any, Any]:
        """Leave out what only the loggers of MyST-NB know."""
        return msg, {}


def use_one_thread(app: Sphinx) -> None:
    """Let the kernels, which inherit the environment, calculate on one thread each."""
    for name in THREADS:
        os.environ.setdefault(name, "1")


def client_of(app: Sphinx, docname: str) -> NotebookClientBase | None:
    """Make what will execute a document into its cache; nothing if it has no code."""
    path = Path(app.env.doc2path(docname))
    text = path.read_text(encoding="utf-8")
    settings: Any = app.env
    config = settings.mystnb_config.copy(execution_cache_path=str(cache_of(app, docname, text)))
    reader = create_nb_reader(str(path), settings.myst_config, config, text)
    if reader is None:
        return None
    notebook = reader.read(text)
    if not any(cell.cell_type == "code" for cell in notebook.cells):
        return None
    return create_client(notebook, str(path), config, Silent(), reader.read_fmt)


def execute(client: NotebookClientBase) -> None:
    """Execute a document, if its cache does not hold it."""
    with contextlib.suppress(ExecutionError):
        client.start_client()


def execute_ahead(app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
    """Execute all documents that are about to be read, the longest ones first."""
    longest_first = sorted(
        docnames, key=lambda name: Path(env.doc2path(name)).stat().st_size, reverse=True
    )
    # Before any thread starts: Python 3.11 may fail to parse in two threads at once.
    clients = {name: client_of(app, name) for name in longest_first}
    with ThreadPoolExecutor(max(2, os.cpu_count() or 1)) as pool:
        running = {pool.submit(execute, one): name for name, one in clients.items() if one}
        finished = status_iterator(
            as_completed(running), "executing chapters... ", "darkgreen", len(running),
            app.verbosity, stringify_func=running.__getitem__,
        )  # fmt: skip
        for future in finished:
            future.result()


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect to the events of Sphinx."""
    app.connect("builder-inited", use_one_thread)
    # After the other listeners, which may still change the list.
    app.connect("env-before-read-docs", execute_ahead, priority=900)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
