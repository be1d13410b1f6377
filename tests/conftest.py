"""What the tests of the built book share, and which of many cases have their turn."""

import signal
from collections import Counter
from pathlib import Path

import pytest
from the_book import SITE, has_turn


def pytest_configure() -> None:
    """Let interrupts through, to kernels as well: in the background of a shell they are ignored."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def site() -> Path:
    """Return the folder of the built book."""
    if not (SITE / "index.html").is_file():
        pytest.fail("The book is not built: run `make book` first.")
    return SITE


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave to `make test-all` the cases of a test that do not have their turn.

    Of a test that is marked `rotates(n)` every n-th case runs, from another one on in each commit;
    a test that is a single case has its turn in every n-th commit.
    """
    seen: Counter[str] = Counter()
    for item in items:
        if mark := item.get_closest_marker("rotates"):
            (every,) = mark.args
            test = item.nodeid.partition("[")[0]
            if not has_turn(test, seen[test], every):
                item.add_marker(pytest.mark.exhaustive)
            seen[test] += 1


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name the cases that had their turn."""
    ran: dict[str, list[str]] = {}
    for reports in terminalreporter.stats.values():
        for report in reports:
            if getattr(report, "when", "") == "call" and "rotates" in report.keywords:
                test, _, case = report.nodeid.partition("[")
                ran.setdefault(test, []).append(case.removesuffix("]"))
    if ran:
        terminalreporter.section("what had its turn in this commit (make test-all runs all)")
    for test, cases in sorted(ran.items()):
        named = ", ".join(sorted(cases)) if len(cases) <= 10 else f"{len(cases)} cases"
        terminalreporter.line(f"{test}: {named}" if cases != [""] else test)
