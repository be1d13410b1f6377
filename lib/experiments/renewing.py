"""Computing many results afresh, in runs that can be stopped and go on where they were."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path

from tqdm.auto import tqdm

from lib._files import replacing
from lib.experiments.parts import Done, Kept
from lib.experiments.results import NAMES, store

PROGRESS = Path("_build/experiments.json")
PACKAGE = Path(__file__).parents[1]
NOT_USED = ("figures", "explore", "ask", "symbolic", "diagnose")  # by no experiment


def renew(
    names: Sequence[str] = (),
    *,
    progress: Path = PROGRESS,
    one: Callable[[str, Done], None] = store,
    code: Callable[[], str] | None = None,
) -> list[str]:
    """Compute experiments and store each as soon as it is done.

    Without names all are computed. If that is stopped, the next call leaves out what is done, as
    long as the code is the same, and goes on with the parts of the experiment that it was at; when
    all are done, the next call begins anew. An experiment that is named is computed anew, but for
    the parts that a stopped run has left.

    Parameters
    ----------
    names : sequence of str
        Those to compute in any case. Default: all that are not done.
    progress : path
        Where to note what is done; parts stand in a folder of the same name without suffix.
    one : callable
        Computes and stores one, given its name and a mapping that keeps its parts.
    code : callable
        Returns what changes when the code does. Default `fingerprint`.

    Returns
    -------
    list of str
        What was computed.
    """
    version = (fingerprint if code is None else code)()
    done = _read(progress, version)
    waiting = [*names] if names else [name for name in NAMES if name not in done]
    with tqdm(total=len(waiting), unit="experiment", disable=None) as bar:
        for name in waiting:
            bar.set_description(name)
            folder = progress.with_suffix("") / name
            parts = Kept(folder / version[:16])
            one(name, parts)
            done = sorted({*done, name})
            _write(progress, version, done)
            shutil.rmtree(folder, ignore_errors=True)  # and what other code has left
            bar.update()
    if set(done) >= set(NAMES):
        progress.unlink(missing_ok=True)
    return waiting


def fingerprint() -> str:
    """Hash the code that experiments run."""
    digest = sha256()
    for file in sorted(PACKAGE.rglob("*.py")):
        if file.relative_to(PACKAGE).parts[0] not in NOT_USED:
            digest.update(file.relative_to(PACKAGE).as_posix().encode() + file.read_bytes())
    return digest.hexdigest()


def _read(progress: Path, version: str) -> list[str]:
    """Read what is done, if it was done by this code."""
    try:
        noted = json.loads(progress.read_text(encoding="utf-8"))
        return [str(name) for name in noted["done"]] if noted["code"] == version else []
    except (OSError, ValueError, KeyError, TypeError):
        return []


def _write(progress: Path, version: str, done: Sequence[str]) -> None:
    """Note what is done, whole or not at all."""
    progress.parent.mkdir(parents=True, exist_ok=True)
    with replacing(progress) as opened:
        opened.write(json.dumps({"code": version, "done": [*done]}).encode())
