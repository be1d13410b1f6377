"""A handout holds nothing of a solution or an answer, and the key holds all of them."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import handout
import jupytext
import nbformat
import pytest
from asked import asked_by
from asking_cells import statements, without_line
from the_book import SITE, source_of

from lib import ask
from lib.ask.page import html_of

PAGE = """---
kernelspec: {name: python3, display_name: Python 3, language: python}
---

# Title

Text before.

```{code-cell} ipython3
import numpy as np
from lib import ask
```

```{code-cell} ipython3
halves, quarter = 1 / 2, 1 / 4
only_for_the_question = quarter**2
assert halves > quarter
ask.number(
    "How much is left of a half of a half?",
    right=only_for_the_question, relative=0.1,
    because="Both halves multiply.",
    wrong={1.0: "That is their sum."}, hints=["Multiply."],
)
```

```{code-cell} ipython3
print(halves)
explore(
    figures.curve, size=(1, 5),
    predict=ask.choice(
        "Which way?", right="Up", because="The slope is positive.", wrong={"Down": "It rises, äöü."}
    ),
    opens={"size": 5}, play="size",
)
```

:::{admonition} Exercise 1.1 (hard)
:class: exercise
:name: exercise-1-1
What is it?
:::

<details class="hint">
<summary>Hint for 1.1</summary>

Look up.

<details class="solution">
<summary>Solution 1.1</summary>

The secret words.

```{code-cell} ipython3
secret = 42
```

The last words.

</details>

</details>

## Check yourself

:::{admonition} 1. Is it so?
:class: dropdown
It is not.
:::

```{code-cell} ipython3
print(halves)
```
"""
ASKED = (
    html_of(
        ask.number(
            "How much is left of a half of a half?", right=0.25, relative=0.1,
            because="Both halves multiply.", wrong={1.0: "That is their sum."},
            hints=["Multiply."],
        )
    )
    + html_of(
        ask.choice(
            "Which way?", right="Up", because="The slope is positive.",
            wrong={"Down": "It rises, äöü."},
        ),
        before="figure-1",
    )
)  # fmt: skip


def cells(page: str = PAGE) -> list[Any]:
    return list(jupytext.reads(page, fmt="md:myst").cells)


def text_of(given: list[Any]) -> str:
    return "\n".join(one.source for one in given)


def test_a_handout_asks_and_keeps_what_must_run() -> None:
    text = text_of(handout.handed_out(cells(), asked_by(ASKED)))
    for gone in (
        "secret", "last words", "Solution", "only_for", "multiply.\"", "their sum", "predict",
        "opens", "positive", "äöü", "It is not", "right", "ask.", "assert",
    ):  # fmt: skip
        assert gone not in text, gone
    for there in (
        "**Question 1.** How much is left of a half of a half?", "Your answer: ____", "Multiply.",
        "**Predict 2.** Which way?", "- ☐ Down", "- ☐ Up", "Look up.", "**1. Is it so?**",
        "halves, quarter = 1 / 2, 1 / 4",
    ):  # fmt: skip
        assert there in text, there
    (explorer,) = [one for one in cells(PAGE) if "explore(" in one.source]
    kept = [one.source for one in handout.handed_out(cells(), asked_by(ASKED))]
    (source,) = [one for one in kept if "explore(" in one]
    assert ast.dump(ast.parse(source)) == ast.dump(
        ast.parse('print(halves)\nexplore(figures.curve, size=(1, 5), play="size")')
    )
    assert explorer.source not in kept
    assert text.count("<details") == text.count("</details>")


def test_the_key_has_the_same_cells_and_the_answers() -> None:
    key = handout.answered(cells(), asked_by(ASKED))
    text = text_of(key)
    assert [one.source for one in key if "answer.**" not in one.source] == [
        one.source for one in cells()
    ]
    assert "**Question 1: answer.** **0.25**. Both halves multiply." in text
    assert "- Down. It rises, äöü." in text
    assert "secret = 42" in text


def test_a_cell_that_needs_a_solution_is_refused() -> None:
    with pytest.raises(ValueError, match="which only a solution defines"):
        handout.handed_out(cells(PAGE + "\n```{code-cell}\nprint(secret)\n```\n"), asked_by(ASKED))


def test_a_page_that_asks_something_else_is_refused() -> None:
    with pytest.raises(ValueError, match="the page asks 0 questions and its source 2"):
        handout.handed_out(cells(), [])
    with pytest.raises(ValueError, match="run `make book` first"):
        handout.asked_in("book/sigmoid", Path("nowhere"))


def test_the_missing_line_of_a_proof_becomes_a_comment() -> None:
    start, end = 'p = Derivation.of(\n    "x"\n)\n', 'p.equals("x", "back")'
    proof = f'{start}p.equals(\n    "2*x/2", "double"\n)\n{end}'
    comment = "# A line of p is missing: p.equals(\"...\", 'double')"
    assert without_line(proof, "p", "double") == f"{start}{comment}\n{end}"
    assert without_line(proof, "p", 2) == without_line(proof, "p", "back")
    assert without_line(proof, "q", "double") is None
    assert without_line(proof, "p", "treble") is None


def test_what_marks_a_task_becomes_its_visible_tests() -> None:
    tasks: set[str] = set()
    asking = statements('half = ask.task("half", "...", solution="s")\nhalf', tasks)
    assert asking is not None
    assert [(part.kept, part.asks) for part in asking] == [("", 0), ("", 1)]
    marking = statements("half.check(mine)", tasks)
    assert marking is not None
    assert marking[0].marks
    assert statements("other.check(mine)", tasks) is None
    assert statements("%matplotlib inline", tasks) is None


def test_a_function_of_a_page_that_asks_is_called_without_a_question() -> None:
    parts = statements('play("one", ask.choice("?", right="a", wrong={"b": "c"}))', set())
    assert parts is not None
    assert [(part.kept, part.asks) for part in parts] == [('play("one", None)', 1)]


# ---- The whole book, as it was built.

PAGES = handout.pages()


@cache
def made(page: str) -> tuple[str, str, str]:
    """Text of the handout, of the key, and of the code of the handout alone."""
    asked = handout.asked_in(page, SITE)
    source = handout.cells_of(page).cells
    given = handout.handed_out(source, asked)
    key = text_of(handout.answered(source, asked))
    code = text_of([one for one in given if one.cell_type == "code"])
    return flat(text_of(given)), flat(key), code


def flat(text: str) -> str:
    return " ".join(text.split())


def solutions(page: str) -> Iterator[str]:
    """Yield the paragraphs and the lines of code of all solutions of a page, the long ones."""
    depth, source = 0, source_of(page)
    inside, outside = [], []
    for line in source.splitlines():
        if line.startswith("<details") and (depth or 'class="solution"' in line):
            depth += 1
        elif line == "</details>" and depth:
            depth -= 1
        else:
            (inside if depth else outside).append(line)
    elsewhere = flat("\n".join(outside))
    for line in inside:
        if len(flat(line)) >= 25 and flat(line) not in elsewhere and "<summary>" not in line:
            yield flat(line)


def explanations(page: str) -> Iterator[str]:
    """Yield why answers are right or wrong, as it is written in the calls that ask."""
    for one in handout.cells_of(page).cells:
        if one.cell_type != "code" or "ask." not in one.source:
            continue
        for call in ast.walk(ast.parse(one.source)):
            if not isinstance(call, ast.Call) or not ast.unparse(call.func).startswith("ask."):
                continue
            for keyword in call.keywords:
                value = keyword.value
                said = [value] if keyword.arg == "because" else []
                if keyword.arg == "solution" and isinstance(value, ast.Constant):
                    lines = [flat(line) for line in str(value.value).splitlines()]
                    once = [line for line in lines if source_of(page).count(line) == 1]
                    yield from (line for line in once if len(line) >= 12)
                if keyword.arg in ("wrong", "mistakes") and isinstance(value, ast.Dict):
                    said = list(value.values)
                for text in said:
                    if isinstance(text, ast.Constant) and isinstance(text.value, str):
                        yield flat(text.value)


@pytest.mark.parametrize("page", PAGES)
def test_nothing_of_a_solution_is_in_the_handout_and_all_of_it_in_the_key(
    page: str, site: Path
) -> None:
    given, key, _ = made(page)
    found = [*solutions(page), *explanations(page)]
    assert len(found) >= (3 if "\n## Exercises\n" in source_of(page) else 0)
    assert [secret for secret in found if secret in given] == []
    assert [secret for secret in found if secret not in key] == []
    assert "Solution" not in given
    assert len(re.findall(r"\bHint for ", given)) == source_of(page).count('class="hint"')


@pytest.mark.parametrize("page", PAGES)
def test_a_handout_asks_everything_and_its_code_is_whole(page: str, site: Path) -> None:
    given, key, code = made(page)
    asked = handout.asked_in(page, SITE)
    for i, one in enumerate(asked, start=1):
        assert f"**{one.kind} {i}.** {flat(one.text)}" in given
        assert f"**{one.kind} {i}: answer.**" in key
        assert one.answer
    assert not re.search(r"predict=\s*ask", code)
    assert not re.search(r"\bask\.\w+\(", code)
    assert given.count("<details") == given.count("</details>")


def test_the_page_of_answers_holds_every_answer(site: Path) -> None:
    text = flat(text_of(handout.answers(SITE).cells))
    for page in PAGES:
        for one in handout.asked_in(page, SITE):
            assert flat(one.text) in text
            assert flat(one.answer) in text


def test_files_are_written_and_the_same_in_every_run(
    site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    some = ["book/rrelu", "book/residual"]
    monkeypatch.setattr(handout, "pages", lambda root=None: some)
    for what, more in (("handout", []), ("key", ["answer-key.ipynb"])):
        for run in ("one", "other"):
            handout.write(what, tmp_path / what / run, SITE)
        names = sorted(path.name for path in (tmp_path / what / "one").iterdir())
        assert names == sorted([*(f"{Path(page).name}.ipynb" for page in some), *more])
        for name in names:
            one, other = (tmp_path / what / run / name for run in ("one", "other"))
            assert one.read_bytes() == other.read_bytes()
            nbformat.validate(nbformat.read(one, as_version=4))
