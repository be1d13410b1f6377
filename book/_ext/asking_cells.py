"""The code of cells that ask: what of it holds an answer, and what has to stay."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass
class Statement:
    """A statement of a cell that asks.

    Attributes
    ----------
    kept : str
        Its source in a handout; nothing if it goes.
    asks : int
        How many questions it shows.
    needed : bool
        Whether it stays only if a later statement needs it.
    marks : bool
        Whether it marks what was written for a task.
    """

    node: ast.stmt
    kept: str
    asks: int = 0
    needed: bool = False
    marks: bool = False


def _function(node: ast.AST) -> str:
    return ast.unparse(node.func) if isinstance(node, ast.Call) else ""


def _asks(node: ast.AST) -> bool:
    return _function(node).startswith("ask.")


def _cut(source: str, node: ast.stmt | ast.expr) -> str:
    return ast.get_source_segment(source, node) or ""


def _without(source: str, call: ast.Call, names: tuple[str, ...]) -> str:
    """Return the source of a call without some of its keywords."""
    lines = source.encode().splitlines(keepends=True)
    starts = [sum(map(len, lines[:i])) for i in range(len(lines) + 1)]
    text = source.encode()
    first = starts[call.lineno - 1] + call.col_offset
    last = starts[(call.end_lineno or 0) - 1] + (call.end_col_offset or 0)
    for keyword in reversed(call.keywords):
        if keyword.arg not in names:
            continue
        start = starts[keyword.lineno - 1] + keyword.col_offset
        end = starts[(keyword.end_lineno or 0) - 1] + (keyword.end_col_offset or 0)
        comma = re.match(rb"\s*,[ \t]*\n?", text[end:last])
        cut = end + (comma.end() if comma else 0)
        start = len(text[:start].rstrip(b" \t"))
        last -= cut - start
        text = text[:start] + text[cut:]
    return text[first:last].decode()


def statements(source: str, tasks: set[str]) -> list[Statement] | None:
    """Take a cell apart that asks; None for one that does not, or that is no plain Python.

    Parameters
    ----------
    tasks : set of str
        Names of tasks so far; those of this cell are added.
    """
    try:
        body = ast.parse(source).body
    except SyntaxError:
        return None
    found, asking = [], False
    for node in body:
        text = _cut(source, node)
        value = node.value if isinstance(node, ast.Expr | ast.Assign) else None
        if isinstance(node, ast.Assign) and value is not None and _asks(value):
            tasks.update(name.id for name in node.targets if isinstance(name, ast.Name))
            found.append(Statement(node, ""))
            asking = True
        elif not isinstance(node, ast.Expr):
            found.append(Statement(node, text, needed=True))
        elif _asks(node.value) or _is_task(node.value, tasks):
            found.append(Statement(node, "", asks=1))
            asking = True
        elif isinstance(node.value, ast.Call) and _function(node.value) == "display":
            count = sum(_asks(one) or _is_task(one, tasks) for one in node.value.args)
            found.append(Statement(node, "" if count else text, asks=count))
            asking = asking or count > 0
        elif isinstance(node.value, ast.Call) and _marks(node.value, tasks):
            found.append(Statement(node, "", marks=True))
            asking = True
        elif isinstance(node.value, ast.Call) and "predict" in {
            keyword.arg for keyword in node.value.keywords
        }:
            found.append(Statement(node, _without(source, node.value, ("predict", "opens")), 1))
            asking = True
        elif isinstance(node.value, ast.Call) and any(map(_asks, node.value.args)):
            # A function of the page that takes a question, and shows a figure without one.
            questions = [one for one in node.value.args if _asks(one)]
            for one in questions:
                text = text.replace(_cut(source, one), "None")
            found.append(Statement(node, text, asks=len(questions)))
            asking = True
        else:
            found.append(Statement(node, text))
    return found if asking else None


def _is_task(node: ast.AST, tasks: set[str]) -> bool:
    return isinstance(node, ast.Name) and node.id in tasks


def _marks(call: ast.Call, tasks: set[str]) -> bool:
    """Tell whether a call marks what was written for a task."""
    function = call.func
    return isinstance(function, ast.Attribute) and _is_task(function.value, tasks)


LINES = ("of", "let", "equals", "compare", "step", "claim")


def missing_lines(source: str) -> Iterator[tuple[str, str | int]]:
    """Yield the proofs of a cell that have a gap, and their missing lines: reasons, or places."""
    for node in ast.walk(ast.parse(source)):
        if _function(node) == "ask.gap":
            assert isinstance(node, ast.Call)
            proof, line = node.args[:2]
            yield ast.unparse(proof), ast.literal_eval(line)


def without_line(source: str, proof: str, line: str | int) -> str | None:
    r"""Return a cell in which a line of a proof is a comment that gives its reason, if it is there.

    >>> print(without_line('p.equals("x", "add")\np.equals("y", "halve")', "p", "halve"))
    p.equals("x", "add")
    # A line of p is missing: p.equals("...", 'halve')
    >>> print(without_line('p = d.of("x", "so").equals("y", "add").equals("z", "halve")', "p", 1))
    p = d.of("x", "so").equals("z", "halve")
    # A line of p is missing: p.equals("...", 'add')
    """
    place = 0
    for statement in ast.parse(source).body:
        for call in _lines_of(statement, proof):
            texts = [one.value for one in call.args if isinstance(one, ast.Constant)]
            if line in ((place,) if isinstance(line, int) else texts):
                assert isinstance(call.func, ast.Attribute)
                words = f'{proof}.{call.func.attr}("...", {texts[-1]!r})'
                comment = f"# A line of {proof} is missing: {words}"
                whole = _cut(source, statement)
                if isinstance(statement, ast.Expr) and statement.value is call:
                    cut = whole if isinstance(call.func.value, ast.Name) else None
                    if cut is not None:
                        return source.replace(whole, comment)
                gone = _cut(source, call).removeprefix(_cut(source, call.func.value))
                return source.replace(whole, whole.replace(gone, "", 1) + f"\n{comment}")
            place += 1
    return None


def _lines_of(statement: ast.stmt, proof: str) -> list[ast.Call]:
    """Return the calls of a statement that write lines of a proof, in their order."""
    value = statement.value if isinstance(statement, ast.Assign | ast.Expr) else None
    calls: list[ast.Call] = []
    at: ast.AST | None = value
    while isinstance(at, ast.Call) and isinstance(at.func, ast.Attribute) and at.func.attr in LINES:
        calls.append(at)
        at = at.func.value
    if isinstance(at, ast.Call) and _function(at) == "Derivation":
        calls.append(at)
    names = [ast.unparse(one) for one in getattr(statement, "targets", [])]
    return calls[::-1] if proof in names or (at is not None and ast.unparse(at) == proof) else []


def loaded(source: str) -> set[str]:
    """Names that code reads."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return set(re.findall(r"[A-Za-z_]\w*", source))
    return {
        node.id for node in ast.walk(tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }  # fmt: skip


def defined(node: ast.stmt) -> set[str]:
    """Names that a statement leaves behind."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return {node.name}
    return stored(node)


def stored(source: str | ast.AST) -> set[str]:
    """Names that code sets, imports or defines, also within functions."""
    try:
        tree = ast.parse(source) if isinstance(source, str) else source
    except SyntaxError:
        return set()
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.arg):
            found.add(node.arg)
        elif isinstance(node, ast.alias):
            found.add((node.asname or node.name).partition(".")[0])
    return found
