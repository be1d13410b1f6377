"""Find a Chromium for the tests, and fetch one where there is none: ``python a_browser.py``.

One that is on the machine is used. Otherwise Playwright's own is fetched into ``_build``, or
Debian's is installed by apt where that needs no password. Where neither can be, the tests in a
browser are skipped, and say so.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Playwright, sync_playwright

FOLDER = Path(__file__).parents[2] / "_build" / "browsers"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PLACES = (
    "/usr/bin", "/usr/local/bin", "/snap/bin", "/Applications/Google Chrome.app/Contents/MacOS",
    "/Applications/Chromium.app/Contents/MacOS",
)  # fmt: skip
QUIET = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run")
NONE = "not run: there is no Chromium here, and none could be fetched (see `make browser`)"
LONG = 900  # seconds, for what comes over a network

Run = Callable[..., subprocess.CompletedProcess[Any]]


def on_the_machine() -> str | None:
    """Return the path of a browser that is installed."""
    path = os.pathsep.join([os.environ.get("PATH", ""), *PLACES])
    names = (*NAMES, "Google Chrome", "Chromium")
    return next(filter(None, (shutil.which(name, path=path) for name in names)), None)


def executables(playwright: Playwright) -> Iterator[str]:
    """Yield what could be started: a browser of the machine, then Playwright's own."""
    if found := on_the_machine():
        yield found
    if Path(own := playwright.chromium.executable_path).is_file():
        yield own


def start(playwright: Playwright) -> Browser | None:
    """Start the first browser that starts; without one return None.

    Raises
    ------
    Exception
        Of the last browser that is there and does not start.
    """
    failure: Exception | None = None
    for executable in executables(playwright):
        try:
            return playwright.chromium.launch(
                executable_path=executable, args=list(QUIET), timeout=600_000
            )
        except Exception as error:
            failure = error
    if failure:
        raise failure
    return None


def starts() -> bool:
    """Tell whether a browser is there and starts."""
    try:
        with sync_playwright() as playwright:
            browser = start(playwright)
            if browser:
                browser.close()
            return browser is not None
    except Exception as error:
        print(f"A browser is there and does not start: {error}", file=sys.stderr)
        return False


def fetch_own(run: Run) -> None:
    """Fetch Playwright's Chromium into the project."""
    print(f"Fetching Playwright's Chromium into {FOLDER}.")
    run([sys.executable, "-m", "playwright", "install", "chromium"], check=True, timeout=LONG)


def install_by_apt(run: Run) -> None:
    """Install Debian's Chromium, as root or where sudo asks for no password.

    Raises
    ------
    PermissionError
        Where it would.
    """
    before: list[str] = []
    if os.geteuid() != 0:
        before = ["sudo", "-n"]
        if run([*before, "true"], check=False, capture_output=True).returncode:
            raise PermissionError("apt-get needs root, and sudo asks for a password")
    print("Installing Debian's Chromium.")
    run([*before, "apt-get", "update", "-qq"], check=True, timeout=LONG)
    packages = ["install", "-y", "-qq", "--no-install-recommends", "chromium"]
    run([*before, "apt-get", *packages], check=True, timeout=LONG)


def provide(works: Callable[[], bool] = starts, run: Run = subprocess.run) -> bool:
    """See to it that a browser starts, and tell whether one does."""
    if works():
        return True
    for way in (fetch_own, install_by_apt):
        try:
            way(run)
        except (OSError, subprocess.SubprocessError) as error:
            print(f"No browser that way: {error}", file=sys.stderr)
        if works():
            return True
    print(f"The tests in tests/browser are {NONE}.", file=sys.stderr)
    return False


os.environ.setdefault("PLAYWRIGHT_BROWSERS_PATH", str(FOLDER))

if __name__ == "__main__":
    provide()
