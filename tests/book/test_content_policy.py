"""Every page says what may run in it: the files of the book, the scripts it has, nothing else."""

import base64
import hashlib
from pathlib import Path

import pytest
from content_policy import policy_of, programs_of, with_policy
from the_book import SITE, soup_of

PAGE = """<!DOCTYPE html><html><head><meta charset="utf-8" />
<script>let a = "<b> &amp; </b>";</script>
<script type="application/json">{"no": "program"}</script><script src="x.js"></script>
<script type="module">b()</script></head>
<body><button onclick="go(&quot;x&quot;)">x</button><p onclick='go("x")'>y</p></body></html>"""


def files() -> list[Path]:
    return sorted(path for path in SITE.rglob("*.html") if "_static" not in path.parts)


def rules_of(policy: str) -> dict[str, list[str]]:
    return {rule.split()[0]: rule.split()[1:] for rule in policy.split(";")}


def named(program: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(program.encode()).digest()).decode()}'"


def test_programs_are_found_and_data_is_none():
    scripts, handlers = programs_of(PAGE)
    assert scripts == ['let a = "<b> &amp; </b>";', "b()"]
    assert handlers == ['go("x")']


def test_the_policy_names_what_runs():
    rules = rules_of(policy_of(PAGE))
    assert rules["script-src"] == [
        "'self'", *sorted(map(named, ['let a = "<b> &amp; </b>";', "b()"])), "'unsafe-hashes'",
        named('go("x")'),
    ]  # fmt: skip
    assert rules["connect-src"] == ["'self'"]
    assert rules["worker-src"] == ["'self'"]


@pytest.mark.parametrize(
    ("server", "more"),
    [
        ("", []), ("https://hub.test/x", []),
        ("http://hub.test:8888/x", ["http://hub.test:8888", "ws://hub.test:8888"]),
    ],
)  # fmt: skip
def test_a_page_with_cells_reaches_a_server_of_the_reader_or_of_the_book(server, more):
    page = PAGE.replace("</head>", '<meta name="live-code" content=""></head>')
    reached = rules_of(policy_of(page, server))["connect-src"]
    assert reached == [
        "'self'", "https:", "wss:", "http://localhost:*", "http://127.0.0.1:*", "ws://localhost:*",
        "ws://127.0.0.1:*", *more,
    ]  # fmt: skip
    assert rules_of(policy_of(page))["worker-src"] == ["'self'"]


def test_a_policy_takes_the_place_of_an_older_one():
    once = with_policy(PAGE)
    assert with_policy(once) == once
    changed = with_policy(once.replace("b()", "c()"))
    assert changed == with_policy(PAGE.replace("b()", "c()")) != once
    assert changed.count("Content-Security-Policy") == 1


@pytest.mark.parametrize("path", files(), ids=lambda path: str(path.relative_to(SITE)))
def test_every_page_has_its_policy_before_all_that_it_governs(path: Path) -> None:
    soup = soup_of(path)
    (meta,) = soup.find_all("meta", attrs={"http-equiv": "Content-Security-Policy"})
    assert meta.find_all_previous(["script", "style", "link"]) == []
    rules = rules_of(meta["content"])
    allowed = rules["script-src"]
    assert not {"'unsafe-inline'", "'unsafe-eval'", "*", "data:", "blob:", "https:"} & set(allowed)
    programs = [
        script.string or ""
        for script in soup.find_all("script", src=False)
        if not script.get("type", "").endswith("json")
    ]
    handlers = [
        value
        for element in soup.find_all(True)
        for name, value in element.attrs.items()
        if name.startswith("on")
    ]
    assert {named(program) for program in programs + handlers} == {
        one for one in allowed if one.startswith("'sha256-")
    }
    assert rules["object-src"] == rules["base-uri"] == rules["frame-src"] == ["'none'"]
    cells = soup.find(class_="cell_input") is not None
    assert ("https:" in rules["connect-src"]) == cells
