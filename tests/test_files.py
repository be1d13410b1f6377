"""Files are whole or not there: what fails half-way leaves the one before, and damage is named."""

import os
import stat
import subprocess
import sys
import zipfile

import numpy as np
import pytest

from lib import activations, experiments, initializers, training
from lib._files import archive, read_arrays, replacing, write_arrays
from lib.experiments import dying, results
from lib.models import Network
from lib.training import Training


class Halfway:
    """An array that cannot be written."""

    def __array__(self, dtype=None, copy=None):
        raise OSError("no space left on device")


def write_half(file, failure):
    with replacing(file) as opened:
        opened.write(b"half of ")
        opened.flush()
        raise failure


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def trained() -> Training:
    network = Network((2, 3, 1), activations.tanh(), initializers.xavier())
    return Training(network, training.momentum(0.1), [0, 1])


def test_what_fails_half_way_leaves_the_file_before(tmp_path):
    file = tmp_path / "kept.txt"
    for first in (None, b"before"):
        if first:
            file.write_bytes(first)
        before = contents(tmp_path)
        for failure in (OSError, KeyboardInterrupt, SystemExit):
            with pytest.raises(failure):
                write_half(file, failure)
            assert contents(tmp_path) == before


def test_arrays_that_fail_half_way_leave_the_archive_before(tmp_path):
    write_arrays(tmp_path / "a", {"x": np.arange(3)})
    before = contents(tmp_path)
    with pytest.raises(OSError, match="no space"):
        write_arrays(tmp_path / "a", {"x": np.arange(4), "y": Halfway()})
    assert contents(tmp_path) == before
    np.testing.assert_array_equal(read_arrays(tmp_path / "a")["x"], np.arange(3))


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_a_process_that_is_killed_leaves_the_file_before(tmp_path):
    file = tmp_path / "kept.npz"
    write_arrays(file, {"x": np.arange(3)})
    script = (
        "import os, signal, sys\nfrom lib._files import replacing\n"
        "with replacing(sys.argv[1]) as opened:\n"
        "    opened.write(b'half')\n    opened.flush()\n    os.kill(os.getpid(), signal.SIGKILL)"
    )
    ended = subprocess.run([sys.executable, "-c", script, file], check=False)
    assert ended.returncode < 0
    np.testing.assert_array_equal(read_arrays(file)["x"], np.arange(3))
    write_arrays(file, {"x": np.arange(5)})  # what was left aside is in no one's way
    assert len(read_arrays(file)["x"]) == 5


@pytest.mark.skipif(os.name != "posix", reason="permissions and links")
def test_permissions_and_links_stay(tmp_path):
    file, link = tmp_path / "file", tmp_path / "link"
    file.write_bytes(b"a")
    file.chmod(0o640)
    link.symlink_to(file)
    with replacing(link) as opened:
        opened.write(b"b")
    assert link.is_symlink()
    assert file.read_bytes() == b"b"
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    with replacing(tmp_path / "new") as opened:
        opened.write(b"c")
    (tmp_path / "usual").touch()
    assert (tmp_path / "new").stat().st_mode == (tmp_path / "usual").stat().st_mode


@pytest.mark.parametrize("name", ["a", "a.npz", "a.b", "ä b"])
def test_a_name_given_is_the_name_found_again(tmp_path, trained, name):
    trained.save(tmp_path / name)
    again = Training.load(str(tmp_path / name), trained.network, trained.optimizer)
    np.testing.assert_array_equal(again.parameters.flat, trained.parameters.flat)
    assert [archive(tmp_path / name).name] == [path.name for path in tmp_path.iterdir()]


def test_a_training_that_cannot_be_saved_is_still_saved_as_before(tmp_path, trained, monkeypatch):
    trained.save(tmp_path / "a")
    before = contents(tmp_path)
    real = np.savez

    def half(file, **arrays):
        real(file, parameters=arrays["parameters"])
        raise OSError("no space left on device")

    monkeypatch.setattr(np, "savez", half)
    trained.parameters.flat[...] = 7
    with pytest.raises(OSError, match="no space"):
        trained.save(tmp_path / "a")
    assert contents(tmp_path) == before


def test_results_that_cannot_be_stored_are_still_those_before(tmp_path, monkeypatch):
    write_arrays(tmp_path / "dying", {"x": np.arange(3.0)}, compressed=True)
    before = contents(tmp_path)
    monkeypatch.setattr(results, "files", lambda package: tmp_path)
    monkeypatch.setattr(dying, "run", lambda seeds, done: {"x": np.arange(4), "y": np.ones(2)})

    def half(file, **arrays):
        file.write(b"half")
        raise OSError("no space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(np, "savez_compressed", half)
        with pytest.raises(OSError, match="no space"):
            results.store("dying")
    assert contents(tmp_path) == before
    results._stored.cache_clear()
    try:
        (tmp_path / "dying.npz").write_bytes(before["dying.npz"][:-30])
        with pytest.raises(ValueError, match=r"dying\.npz is damaged"):
            experiments.load("dying")
    finally:
        results._stored.cache_clear()


def damaged(whole: bytes) -> dict[str, bytes]:
    flipped = bytearray(whole)
    flipped[whole.index(b"\x93NUMPY") + 1000] ^= 0xFF  # among the numbers of the first array
    return {
        "empty": b"", "text": b"not an archive", "cut": whole[: len(whole) // 2],
        "without its end": whole[:-1], "one byte else": bytes(flipped),
    }  # fmt: skip


def test_damaged_files_are_refused_by_name(tmp_path, trained):
    trained.save(tmp_path / "whole")
    whole = (tmp_path / "whole.npz").read_bytes()
    for kind, content in damaged(whole).items():
        file = tmp_path / f"{kind}.npz"
        file.write_bytes(content)
        with pytest.raises(ValueError, match=rf"{kind}\.npz is damaged"):
            Training.load(file, trained.network, trained.optimizer)
    np.save(tmp_path / "one.npy", np.arange(3))
    (tmp_path / "one.npy").rename(tmp_path / "one.npz")
    with pytest.raises(ValueError, match=r"one\.npz is damaged or none"):
        read_arrays(tmp_path / "one")
    with zipfile.ZipFile(tmp_path / "other.npz", "w") as other:
        other.writestr("x.npy", b"\x93NUMPY\x01\x00")
    with pytest.raises(ValueError, match=r"other\.npz is damaged or none"):
        read_arrays(tmp_path / "other")
    write_arrays(tmp_path / "strange", {"x": np.arange(3)})
    with pytest.raises(ValueError, match=r"strange has no 'parameters'"):
        Training.load(tmp_path / "strange", trained.network, trained.optimizer)
    with pytest.raises(FileNotFoundError, match=r"nothing\.npz"):
        Training.load(tmp_path / "nothing", trained.network, trained.optimizer)
