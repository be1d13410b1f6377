"""What is parsed is parsed in one thread; what runs, runs in several."""

import threading
from pathlib import Path
from types import SimpleNamespace

import parallel_execution
import pytest


def test_only_the_chapters_themselves_run_in_other_threads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: dict[str, set[bool]] = {"parsed": set(), "executed": set()}

    def note(what: str) -> None:
        threads[what].add(threading.current_thread() is threading.main_thread())

    def cache_of(app: object, docname: str, text: str) -> str:
        note("parsed")
        return docname

    def read(*arguments: object) -> SimpleNamespace:
        note("parsed")
        cells = [SimpleNamespace(cell_type="code")]
        return SimpleNamespace(read=lambda text: SimpleNamespace(cells=cells), read_fmt=None)

    client = SimpleNamespace(start_client=lambda: note("executed"))
    monkeypatch.setattr(parallel_execution, "cache_of", cache_of)
    monkeypatch.setattr(parallel_execution, "create_nb_reader", read)
    monkeypatch.setattr(parallel_execution, "create_client", lambda *arguments: client)
    for name in ("one", "two", "three"):
        (tmp_path / name).write_text(name)
    env = SimpleNamespace(
        doc2path=lambda name: str(tmp_path / name),
        mystnb_config=SimpleNamespace(copy=lambda **changes: changes),
        myst_config=None,
    )
    app = SimpleNamespace(env=env, verbosity=0)
    parallel_execution.execute_ahead(app, env, ["one", "two", "three"])
    assert threads == {"parsed": {True}, "executed": {False}}
