"""Tasks: what a reader may write is marked in words, and every task of the book holds."""

import ast
import sys
import time
from collections.abc import Callable
from typing import Any

import jupytext
import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient
from the_book import chapters, source_of
from the_tasks import tasks_of

from lib import ask
from lib.ask import attempts
from lib.ask.reports import HOW_TO_RUN, START, Report
from lib.ask.tasks import Task

TASKS = chapters()

SOLUTION = """
def slopes(x, w):
    return w * np.tanh(x)
"""


def a_task(**changes: Any) -> Task:
    given: dict[str, Any] = {
        "examples": [{"x": np.array([0.5, -1.0]), "w": 2.0}],
        "hidden": [{"x": np.array([3.0, 0.1]), "w": 0.5}, {"x": np.eye(2), "w": -1.0}],
        "right": lambda x, w: w * (1 - 2 / (np.exp(2 * x) + 1)),
        "solution": SOLUTION,
        "mistakes": {
            ("w * np.tanh(x)", "np.tanh(x)"): "The weight $w$ is missing.",
            ("w * np.tanh(x)", "np.tanh(w * x)"): "The weight stands outside.",
        },
        "hints": ["Begin.", "End."],
    }
    return ask.task("slopes", "Write it.", **(given | changes))


def defined(code: str, name: str) -> Callable[..., Any]:
    space: dict[str, Any] = {"np": np}
    exec(code, space)
    return space[name]


# ---- The tasks of the book.


@pytest.mark.rotates(3)
@pytest.mark.parametrize("page", TASKS)
def test_the_solution_passes_the_start_fails_and_mistakes_are_named(page: str) -> None:
    tasks = tasks_of(page)
    assert len(tasks) >= 2
    assert len({task.name for task, _ in tasks}) == len(tasks)
    for task, start in tasks:
        report = task.check(defined(task.solution, task.function))
        assert report.solved, str(report)
        assert task.check(start) == Report(task.name, False, START)
        assert len(task.mistakes) >= 2
        for mistake in task.mistakes:
            report = task.check(defined(mistake.code, task.function))
            assert (report.solved, report.said) == (False, f"Not solved yet. {mistake.said}")
        assert len(task.hidden) >= 2
        assert len(task.hints) >= 2


@pytest.mark.rotates(3)
@pytest.mark.parametrize("page", TASKS)
def test_mistakes_are_named_where_numpy_cannot_warn(
    page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Python in a page has no flags of floating-point arithmetic: nothing overflows audibly there.
    silent = np.errstate
    monkeypatch.setattr(attempts.np, "errstate", lambda **_: silent(all="ignore"))
    tasks_of.cache_clear()
    try:
        test_the_solution_passes_the_start_fails_and_mistakes_are_named(page)
    finally:
        tasks_of.cache_clear()


@pytest.mark.parametrize("page", TASKS)
def test_a_task_stands_closed_with_its_start_and_its_check(page: str) -> None:
    section = source_of(page).partition("\n## Code that is checked\n")[2].partition("\n## ")[0]
    folds = section.split('<details class="aside">')[1:]
    assert len(folds) == len(tasks_of(page))
    for fold, (task, _) in zip(folds, tasks_of(page), strict=True):
        assert fold.startswith("\n<summary>Task: ")
        assert fold.count("```{code-cell}") == 3
        assert fold.count("tags: [remove-input]") == fold.count("source_hidden: true") == 1
        assert f"def {task.function}(" in fold.partition("tags: [remove-input]")[2]
        assert fold.rstrip().endswith("</details>")


# ---- What a reader may write.


def reads_a_none(x, w):
    np.tanh(x)


def forgets_a_line(x, w):
    y = x + undefined  # noqa: F821
    return y


def takes_one(x):
    return x


def changes_in_place(x, w):
    x *= 2
    return w * np.tanh(x / 2)


def leaves(x, w):
    sys.exit(3)


def never_ends(x, w):
    while True:
        try:
            time.sleep(0.01)
        except Exception:
            pass


def overflows(x, w):
    np.exp(np.float64(1e4))
    return w * np.tanh(x)


def recurses(x, w):
    return recurses(x, w)


WRITTEN: dict[Callable[..., Any], str] = {
    reads_a_none: "It returns None: is a `return` missing?",
    forgets_a_line: "It stops with a NameError (name 'undefined' is not defined), at "
                    "`y = x + undefined  # noqa: F821`.",
    takes_one: "It stops with a TypeError (takes_one() takes 1 positional argument but 2",
    changes_in_place: "It changes its argument `x`: work on a copy.",
    leaves: "It stops with a SystemExit (3), at `sys.exit(3)`.",
    never_ends: "It was stopped after 0.1 seconds: does a loop never end?",
    overflows: "NumPy warns on the way: overflow encountered in exp.",
    recurses: "It stops with a RecursionError",
    lambda x, w: w * np.tanh(x) / 0: "NumPy warns on the way: divide by zero",
    lambda x, w: float("nan") * x: "It returns NaN at [0], and 0.924234 is right.",
    lambda x, w: np.tanh(x).sum(): "It returns a single number, and an array of the shape (2,)",
    lambda x, w: np.tanh(x)[:, None]: "It returns an array of the shape (2, 1), and an array of",
    lambda x, w: -w * np.tanh(x): "Its sign is the opposite of the right one.",
    lambda x, w: 3 * w * np.tanh(x): "It returns 2.7727 at [0], and 0.924234 is right. Every "
                                     "entry is 3 times the right one.",
    lambda x, w: 1j * x: "It returns a ndarray, and numbers are asked.",
    lambda x, w: "0.9": "It returns '0.9', and numbers are asked.",
    lambda x, w: [[1.0], [1.0, 2.0]]: "It returns a list, and numbers are asked.",
    lambda x, w: object(): "It returns an object, and numbers are asked.",
}  # fmt: skip


@pytest.mark.parametrize("function", WRITTEN, ids=lambda f: f.__name__)
def test_what_went_wrong_is_told_in_words(
    function: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempts, "LIMIT", 0.1)
    report = a_task().check(function)
    assert not report.solved
    first = next(line for line in report.lines if not line.passed)
    assert first.call == "slopes(x=[0.5, -1], w=2)"
    assert WRITTEN[function] in first.said


@pytest.mark.parametrize(
    "function",
    [lambda x, w: w * np.tanh(x), lambda a, b: (b * np.tanh(a)).tolist(),
     lambda x, w: np.float32(1) * w * np.tanh(x), np.vectorize(lambda x, w: w * np.tanh(x))],
)  # fmt: skip
def test_any_right_form_is_accepted(function: Callable[..., Any]) -> None:
    assert a_task().check(function).said == "Solved: all 3 tests pass, 2 of them hidden."


def test_a_known_mistake_is_named_in_another_form_too() -> None:
    said = a_task().check(lambda x, w: np.sinh(x) / np.cosh(x)).said
    assert said == "Not solved yet. The weight $w$ is missing."
    said = a_task().check(lambda x, w: np.tanh(x) if w > 1 else w * np.tanh(x)).said
    assert said == "Not solved yet: 1 of 3 tests fail."


def test_a_hidden_test_that_fails_is_told_once_the_visible_ones_pass() -> None:
    report = a_task().check(lambda x, w: w * np.tanh(x) * (1 if w == 2 else 7))
    assert "✓ slopes(x=[0.5, -1], w=2)" in str(report)
    assert "✗ a hidden test: slopes(x=[3, 0.1], w=0.5) It returns 3.4" in str(report)
    assert "w=-1" not in str(report)


def test_arguments_are_copies_that_no_test_inherits() -> None:
    task = a_task(examples=[{"x": np.ones(2), "w": 1.0}] * 2)
    kept: list[Any] = []

    def function(x, w):
        kept.append(x)
        return w * np.tanh(x)

    assert task.check(function).solved
    kept[0][:] = 5
    assert task.check(function).solved
    assert task.examples[0]["x"].tolist() == [1, 1]


def test_generators_start_anew_in_every_test() -> None:
    task = ask.task(
        "drawn", "Draw.", examples=[{"rng": np.random.default_rng(0)}],
        hidden=[{"rng": np.random.default_rng(1)}], right=lambda rng: rng.normal(size=3),
        solution="def drawn(rng):\n    return rng.normal(size=3)",
        mistakes={("rng.normal", "np.random.default_rng(0).normal"): "Draw with `rng`."},
    )  # fmt: skip
    assert task.check(lambda rng: rng.normal(size=3)).solved
    assert task.check(lambda rng: rng.normal(0, 1, (3,))).solved


def several(**changes: Any) -> Task:
    given: dict[str, Any] = {
        "examples": [{"x": 3.0}], "hidden": [{"x": 4.0}], "names": ["square", "cube"],
        "right": lambda x: (x**2, x**3), "mistakes": {("x * x * x", "3 * x"): "That is 3 times x."},
        "solution": "def powers(x):\n    return x * x, x * x * x",
    }  # fmt: skip
    return ask.task("powers", "Return both.", **(given | changes))


def test_several_results_are_told_by_name() -> None:
    for function, said in (
        (lambda x: (x**2, x), "For `cube` it returns 3, and 27 is right."),
        (lambda x: x**2, "It returns 1 value, and 2 are asked: square, cube."),
        (lambda x: (x**2, None), "For `cube` it returns None: is a `return` missing?"),
    ):
        assert several().check(function).lines[0].said == said
    assert several().check(lambda x: np.array([x**2, x**3])).solved


def judged(judge: Callable[..., str]) -> Task:
    return ask.task(
        "above", "Return a number above $x$.", examples=[{"x": 1.0}], hidden=[{"x": 5.0}],
        right=("a number above x", judge), solution="def above(x):\n    return x + 1",
        mistakes={("+", "-"): "That is below."},
    )  # fmt: skip


def test_where_many_results_are_right_a_judge_decides() -> None:
    task = judged(lambda result, x: "" if result > x else f"{result} is not above {x}.")
    assert task.check(lambda x: 2 * x).solved
    assert task.check(lambda x: x - 1).said == "Not solved yet. That is below."
    assert task.check(lambda x: x).lines[0].said == "1.0 is not above 1.0."
    assert "cannot be judged" in task.check(lambda x: "much").lines[0].said
    assert "is a `return` missing" in task.check(lambda x: None).lines[0].said


def test_code_that_is_not_complete_is_not_run() -> None:
    def inner(x, w):
        def deeper():
            return ...

        return deeper()

    assert a_task().check(inner) == Report("task-slopes", False, START)
    with pytest.raises(TypeError, match="`slopes` without brackets; got 3"):
        a_task().check(3)  # type: ignore[arg-type]


# ---- What an author may write.

REFUSED: dict[str, dict[str, Any]] = {
    "solution must pass all tests": {"solution": "def slopes(x, w):\n    return x"},
    "solution must define slopes": {"solution": "def other(x, w):\n    return x"},
    "solution must be code that runs": {"solution": "def slopes(x, w)"},
    "mistakes must fail in some test": {"mistakes": {("np.tanh(x)", "1 * np.tanh(x)"): "No."}},
    "mistakes must be told apart": {
        "mistakes": {("tanh", "sinh"): "One.", ("tanh(x)", "sinh(1 * x)"): "Two."}
    },
    "mistakes must replace text": {"mistakes": {("cosh", "sinh"): "No."}},
    "mistakes must be code, or pairs": {"mistakes": {("tanh",): "No."}},
    "mistakes must map": {"mistakes": ["tanh"]},
    "must not be empty": {"mistakes": {("tanh", "sinh"): " "}},
    "right must be a function": {"right": None},
    "or a text and a function": {"right": ("more", len, len)},
    r"right\[1\] must be a function": {"right": ("more", "len")},
    "examples must hold at least one": {"examples": []},
    "hidden must hold arguments by name": {"hidden": [(1, 2)]},
    "right.0. must not be empty": {"right": (" ", len)},
    "tolerance must be a pair": {"tolerance": 0.1},
    "hints must be a sequence": {"hints": "Look."},
}


@pytest.mark.parametrize("message", REFUSED)
def test_a_task_that_does_not_hold_is_refused(message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=message):
        a_task(**REFUSED[message])


# ---- How it is shown.


def test_on_a_page_a_check_says_how_to_run_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VANISHING_GRADIENTS_STATIC", "1")
    report = a_task().check(lambda x, w: 1 / 0)
    assert report._repr_mimebundle_()["text/plain"] == HOW_TO_RUN
    html = a_task()._repr_mimebundle_()["text/html"]
    assert html.count("<details") == 3
    assert "<details open" not in html
    assert "<code>slopes(x=[0.5, -1], w=2)</code>" in html
    assert "2 more tests are hidden." in html
    assert "The weight stands outside." in html


def test_a_derivative_by_differences_is_that_of_algebra() -> None:
    at = np.array([[0.5, -1.0], [2.0, 0.0]])
    assert np.allclose(ask.wiggle(lambda x: np.sum(np.sin(x)), at), np.cos(at), atol=1e-9)
    assert ask.wiggle(lambda x: x**3, 2) == pytest.approx(12)
    assert at[0, 0] == 0.5


def cells_of(page: str) -> list[str]:
    cells = jupytext.reads(source_of(page), fmt="md:myst").cells
    return [cell.source for cell in cells if cell.cell_type == "code"]


def defined_by(code: str) -> set[str]:
    """Names that a cell gives to the cells below it."""
    found = set()
    for part in ast.parse(code).body:
        if isinstance(part, (ast.FunctionDef, ast.ClassDef)):
            found.add(part.name)
        elif isinstance(part, (ast.Assign, ast.For)):
            targets = part.targets if isinstance(part, ast.Assign) else [part.target]
            names = [name for target in targets for name in ast.walk(target)]
            found |= {name.id for name in names if isinstance(name, ast.Name)}
    return found


def named_by(code: str) -> set[str]:
    return {node.id for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Name)}


@pytest.mark.parametrize("page", TASKS)
def test_no_name_of_a_task_is_one_of_its_chapter(page: str) -> None:
    # A reader may run the cells of a task, and then any cell of the chapter once more.
    cells = cells_of(page)
    own = [j for i, cell in enumerate(cells) if "ask.task(" in cell for j in range(i, i + 3)]
    assert len(own) == 3 * len(tasks_of(page))
    given = set().union(*(defined_by(cells[i]) for i in own))
    others = [cell for i, cell in enumerate(cells) if i not in own]
    assert not given & set().union(*(named_by(cell) | defined_by(cell) for cell in others))


def test_a_kernel_tells_what_came_of_an_attempt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VANISHING_GRADIENTS_STATIC", raising=False)
    leaky = cells_of("book/leaky-relu")
    place = next(i for i, cell in enumerate(leaky) if "ask.task(" in cell)
    task, _ = tasks_of("book/leaky-relu")[0]
    imports = "import numpy as np\nfrom lib import activations, ask"
    check = leaky[place + 2]
    written = [imports, leaky[place], leaky[place + 1], check]
    for code in (task.mistakes[0].code, task.solution):
        written += [code, check]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in written])
    NotebookClient(notebook, timeout=1200, kernel_name="python3").execute()
    told = [cell.outputs[0].data for cell in notebook.cells if cell.source == check]
    assert START.replace("`", "") in told[0]["text/plain"]
    assert "that of the mean, not of the sum" in told[1]["text/html"]
    assert told[2]["text/plain"].startswith("✓ Solved: all 4 tests pass, 3 of them hidden.")
    assert f'href="#{task.name}"' in told[2]["text/html"]
    assert "task-solved" in told[2]["text/html"]
    assert "task-solved" not in told[1]["text/html"]
