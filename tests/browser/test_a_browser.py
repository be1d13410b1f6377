"""On a fresh machine a browser is fetched, and where none can be the tests say so."""

import subprocess
import sys
from pathlib import Path

import a_browser
import pytest


class Machine:
    """A machine on which some commands work, and what has been asked of it."""

    def __init__(self, *, own: bool = False, apt: bool = False, sudo: bool = True) -> None:
        self.own, self.apt, self.sudo = own, apt, sudo
        self.browser = False
        self.asked: list[str] = []

    def run(self, command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        words = " ".join(command)
        self.asked.append(words)
        if words == "sudo -n true":
            return subprocess.CompletedProcess(command, 0 if self.sudo else 1)
        works = self.own if "playwright install" in words else self.apt
        if not works:
            raise subprocess.CalledProcessError(1, command)
        self.browser = self.browser or "install" in command
        return subprocess.CompletedProcess(command, 0)

    def works(self) -> bool:
        return self.browser


def test_a_browser_that_is_there_is_used() -> None:
    machine = Machine()
    machine.browser = True
    assert a_browser.provide(machine.works, machine.run)
    assert machine.asked == []


def test_playwrights_own_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine(own=True, apt=True)
    assert a_browser.provide(machine.works, machine.run)
    assert machine.asked == [f"{sys.executable} -m playwright install chromium"]


@pytest.mark.parametrize("root", [True, False])
def test_apt_comes_second(monkeypatch: pytest.MonkeyPatch, root: bool) -> None:
    monkeypatch.setattr(a_browser.os, "geteuid", lambda: 0 if root else 1000)
    machine = Machine(apt=True)
    assert a_browser.provide(machine.works, machine.run)
    assert machine.asked[-1].startswith("apt-get install" if root else "sudo -n apt-get install")


def test_without_a_password_nothing_is_asked_of_apt(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(a_browser.os, "geteuid", lambda: 1000)
    machine = Machine(apt=True, sudo=False)
    assert not a_browser.provide(machine.works, machine.run)
    assert not [words for words in machine.asked if "apt-get" in words]
    assert "not run" in capsys.readouterr().err


def test_without_a_browser_the_tests_are_named_as_not_run(tmp_path: Path) -> None:
    (tmp_path / "test_one.py").write_text("def test_one(browser):\n    assert browser\n")
    (tmp_path / "nothing.py").write_text(
        "import a_browser\na_browser.executables = lambda playwright: iter(())\n"
    )
    command = [
        sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "nothing", "-p",
        "conftest_of_browsers", "-rs", "--rootdir", tmp_path, "-c", "/dev/null", tmp_path,
    ]  # fmt: skip
    (tmp_path / "conftest_of_browsers.py").write_text(
        (Path(a_browser.__file__).with_name("conftest.py")).read_text()
    )
    paths = ":".join([str(tmp_path), *sys.path])
    result = subprocess.run(
        command, capture_output=True, text=True, check=False,
        env={**a_browser.os.environ, "PYTHONPATH": paths},
    )  # fmt: skip
    assert result.returncode == 0, result.stdout + result.stderr
    assert "1 skipped" in result.stdout
    assert "not run: there is no Chromium here" in result.stdout


def test_a_browser_that_does_not_start_is_an_error_and_no_reason_to_skip() -> None:
    class Broken:
        executable_path = __file__

        def launch(self, **_: object) -> None:
            raise RuntimeError("a library is missing")

    class Playwright:
        chromium = Broken()

    with pytest.raises(RuntimeError, match="a library is missing"):
        a_browser.start(Playwright())
