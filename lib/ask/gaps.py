"""A proof with a gap: the reader types the missing line, and the checker of proofs answers.

The line comes from a `lib.symbolic.Derivation`, so what is right is what was proved. Where no
kernel runs, the page compares at points that are chosen here, and says that this proves nothing.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sympy as sp

from lib._checks import shown
from lib.ask.formulas import EQUAL, FUNCTIONS, Node, differs
from lib.ask.gap_points import in_names, points_and_values
from lib.ask.options import hints_of, mistakes
from lib.ask.parser import Unreadable, parse
from lib.ask.questions import Formula, Verdict
from lib.ask.words import sentence
from lib.symbolic import Derivation, DerivationError
from lib.symbolic.layout import Line
from lib.symbolic.notation import NotationError
from lib.symbolic.printing import latex_of_name

PROMPT = "One line of this proof is missing. Type its right side."


@dataclass(frozen=True, kw_only=True)
class Gap(Formula):
    """A proof whose reader types a line. An answer is a text such as ``s*(1-s)``.

    Attributes
    ----------
    proof : Derivation
    line : int
        Place of the missing line in the lines of the proof.
    meant : tuple of (str, str)
        The names that an answer may hold, and what they are in the proof.
    shown : tuple of (str, str)
        The names, and how they are displayed.
    standing : tuple of str
        What the reader sees already, in the notation of answers.
    typed : str
        The missing side in the notation of answers.
    """

    kind = "gap"
    yours, other = "your line", "the proof"
    proof: Derivation = field(compare=False, repr=False)
    line: int
    meant: tuple[tuple[str, str], ...]
    shown: tuple[tuple[str, str], ...]
    standing: tuple[str, ...]
    typed: str

    def says_nothing(self, node: Node) -> bool:
        """Tell whether a line stands in the proof already."""
        names = [name for name, _ in self.meant]
        return node.shape() in {parse(text, names).shape() for text in self.standing}

    def equal(self, node: Node) -> Verdict:
        """Try a line in the place of the missing one."""
        trusted, where = self.tried(node.notation(dict(self.meant)))
        if trusted is False:
            return Verdict(False, f"The line does not hold: {where}.")
        if trusted:
            return Verdict(True, f"{self.because} (Your line is proved.)")
        return Verdict(
            None,
            f"Your line agrees with the proof at all {len(self.points)} points that were tried, "
            "and yet the checker finds no proof of it. Write it in a simpler form.",
        )

    def tried(self, typed: str) -> tuple[bool | None, str]:
        """Add a line to the proof as it was, and return whether it holds, or where it fails."""
        before, line = self.proof.before(self.line), self.proof.lines[self.line]
        try:
            if line.left is None:
                before.equals(typed, line.reason)
            elif line.alone:
                before.claim(sp.Eq(line.left.expression, before.read(typed).expression,
                                   evaluate=False), line.reason)  # fmt: skip
            else:
                before.step(line.left, typed, line.reason)
        except DerivationError as error:
            return (False if error.counterexample else None), error.counterexample or ""
        except NotationError:
            return None, ""
        return True, ""

    @property
    def asked(self) -> str:
        """What tells the question from all others: one proof may have several gaps."""
        return f"{super().asked}\n{self.line}\n{self.proof!r}"

    @property
    def displayed(self) -> dict[str, str]:
        """How the names are displayed, in LaTeX."""
        return dict(self.shown)

    def html(self, *, filled: bool = False) -> str:
        """Write the proof, with its gap or with the line in it."""
        return self.proof.html(gap=None if filled else self.line)

    def data(self) -> dict[str, Any]:
        """Give also what stands in the proof."""
        return super().data() | {"standing": self.standing}


def gap(
    proof: Derivation,
    line: int | str,
    *,
    prompt: str = PROMPT,
    names: Mapping[str, str] | Sequence[str] | None = None,
    because: str | None = None,
    wrong: Mapping[str, str] | None = None,
    hints: Sequence[str] = (),
) -> Gap:
    """Ask for the right side of a missing line of a proof; any line that follows is right.

    In a kernel the line is tried in the place of the missing one. On a page it is compared with the
    proof at many points: irrational ones close to both ends of the domain, and 0, 1 and the ends.

    Parameters
    ----------
    proof : Derivation
        All of its lines, proved.
    line : int or str
        The missing line: its place in ``proof.lines``, or its reason. It must be an equation.
    prompt : str
        The question.
    names : mapping of str to str, or sequence of str, optional
        The names that an answer may hold. A mapping says what each is in the proof, such as
        ``{"s": "sigma(x)"}``. By default those that the missing side holds.
    because : str, optional
        Why the line follows; by default the reason of the line.
    wrong : mapping of str to str, optional
        Lines that a known mistake leads to, with that mistake. Any other wrong line is told a point
        at which it differs.
    hints : sequence of str
        Given one by one.

    Returns
    -------
    Gap
        Displays itself.

    Raises
    ------
    TypeError, ValueError
        For a line that is not there, is no equation, was not proved, or cannot be typed in these
        names; for a wrong line that is right; for an empty text.

    Examples
    --------
    >>> s = sp.Symbol("s", real=True)
    >>> slope = Derivation.of("s - s**2", names=[s]).equals("s*(1 - s)", "take s out")
    >>> question = gap(slope, "take s out", wrong={"s*(1 + s)": "The sign got lost."})
    >>> question.judge("(1-s)s").text
    'The line follows: take s out. (Your line is proved.)'
    >>> question.judge("s(1+s)").text
    'The sign got lost.'
    """
    if not isinstance(proof, Derivation):
        raise TypeError(f"proof must be a Derivation; got {shown(proof)}")
    place = _place(proof, line)
    missing = proof.lines[place]
    meant = _meant(proof, place, names)
    known = {name: proof.before(place).read(text) for name, text in meant.items()}
    target, own = in_names(proof, missing, {n: form.expression for n, form in known.items()})
    points, values = points_and_values(proof, target, own)

    def computed(text: str) -> tuple[str, list[float]]:
        if not isinstance(text, str):
            raise TypeError(f"wrong must be a formula; got {shown(text)}")
        try:
            node = parse(text, list(meant))
        except Unreadable as error:
            raise ValueError(f"wrong must be a formula of {', '.join(meant)}; {error}") from None
        there = [node.value(dict(zip(meant, point, strict=True))) for point in points]
        if not all(map(math.isfinite, there)):
            raise ValueError(f"wrong must have a value at all points; got {text}")
        return node.latex(displayed), there

    displayed = {n: f.latex if meant[n] == n else latex_of_name(n) for n, f in known.items()}
    reason = f"The line follows: {missing.reason}." if because is None else because
    back = {form.expression: name for name, form in known.items()}
    columns = list(zip(*points, strict=True))
    return Gap(
        prompt=sentence("prompt", prompt), answer=f"${missing.right.latex}$",
        because=sentence("because", reason), options=mistakes(wrong, values, computed),
        hints=hints_of(hints), right=missing.right.expression,
        variables=tuple((n, (min(c), max(c))) for n, c in zip(meant, columns, strict=True)),
        points=tuple(points), values=tuple(values), proof=proof, line=place,
        meant=tuple(meant.items()), shown=tuple(displayed.items()),
        standing=_standing(proof, place, meant, back),
        typed=_typed(_written(missing, meant, back), target, meant, points, values),
    )  # fmt: skip


def _place(proof: Derivation, line: Any) -> int:
    """Find the missing line by its place or its reason."""
    count = len(proof.lines)
    if isinstance(line, str):
        found = [i for i, known in enumerate(proof.lines) if known.reason == line]
        if len(found) != 1:
            raise ValueError(f"line must be the reason of one line; {len(found)} have {line!r}")
        place = found[0]
    elif isinstance(line, int) and not isinstance(line, bool):
        if not -count <= line < count:
            raise ValueError(f"line must be the place of one of {count} lines; got {line}")
        place = line % count
    else:
        raise TypeError(f"line must be the place or the reason of a line; got {shown(line)}")
    missing = proof.lines[place]
    if missing.kind != "proved" or missing.relation != "=" or missing.follows:
        raise ValueError(f"line must be an equation that was proved; got {missing.reason!r}")
    if not isinstance(missing.right.expression, sp.Expr):
        raise ValueError(f"line must have a number on its right side; got {missing.reason!r}")
    return place


def _meant(proof: Derivation, place: int, names: Any) -> dict[str, str]:
    """Return the names that an answer may hold, and what they are in the proof."""
    if names is None:
        names = _held(proof, proof.lines[place].right.expression)
    elif isinstance(names, str) or not isinstance(names, Mapping | Sequence):
        raise TypeError(f"names must be a sequence or a mapping of names; got {shown(names)}")
    elif not all(isinstance(name, str) for name in names):
        raise TypeError(f"names must have names of letters; got {shown(names)}")
    meant = dict(names) if isinstance(names, Mapping) else {name: name for name in names}
    for name, text in meant.items():
        if not isinstance(name, str) or not name.isidentifier() or name in FUNCTIONS:
            raise TypeError(f"names must have names of letters; got {shown(name)}")
        try:
            proof.before(place).read(text)
        except (NotationError, TypeError) as error:
            raise ValueError(f"names must be known to the proof; {error}") from None
    return meant


def _held(proof: Derivation, expression: sp.Expr) -> list[str]:
    """Return the names that an expression holds: its symbols, and names that `let` gave."""
    given = {line.left.expression: line.left.text for line in proof.lines
             if line.kind == "let" and line.left and line.left.text.isidentifier()}  # fmt: skip
    found = {text for target, text in given.items() if expression.has(target)}
    rest = expression.xreplace({target: sp.S.One for target in given})
    known = {symbol: name for name, symbol in proof.names.items()}
    for symbol in rest.free_symbols:
        if symbol not in known:
            raise ValueError(f"names must say how {symbol} is typed")
        found.add(known[symbol])
    return sorted(found)


def _standing(
    proof: Derivation, place: int, meant: Mapping[str, str], back: Mapping[sp.Basic, str]
) -> tuple[str, ...]:
    """Return the right sides that the reader sees, as far as they could be typed."""
    found = []
    for i, line in enumerate(proof.lines):
        if i == place or line.kind == "let" or not isinstance(line.right.expression, sp.Expr):
            continue
        for text in _written(line, meant, back):
            try:
                parse(text, list(meant))
            except Unreadable:
                continue
            found.append(text)
            break
    return tuple(found)


def _written(line: Line, meant: Mapping[str, str], back: Mapping[sp.Basic, str]) -> tuple[str, str]:
    """Write a right side as its author did, and as SymPy does."""
    renamed = line.right.expression.xreplace({e: sp.Symbol(name) for e, name in back.items()})
    return _renamed(line.right.text, meant), str(_Typed().doprint(renamed))


def _renamed(text: str, meant: Mapping[str, str]) -> str:
    for name, known in meant.items():
        if known != name:
            text = text.replace(known, name)
    return text


class _Typed(sp.printing.str.StrPrinter):  # type: ignore[misc]
    """Writes what answers may hold."""

    def _print_Piecewise(self, expr: sp.Piecewise) -> str:
        (value, condition), *rest = expr.args
        if not rest:
            return str(self._print(value))
        others = self._print_Piecewise(sp.Tuple(*rest)) if rest[1:] else self._print(rest[0][0])
        return f"if({self._print(condition)}, {self._print(value)}, {others})"


def _typed(
    written: Sequence[str],
    target: sp.Expr,
    meant: Mapping[str, str],
    points: Sequence[Sequence[float]],
    values: Sequence[float],
) -> str:
    """Write the missing side as an answer: as its author did, if that can be read."""
    plain = target.xreplace({s: sp.Symbol(s.name) for s in target.atoms(sp.Dummy)})
    for text in (*written, str(_Typed().doprint(plain))):
        try:
            node = parse(text, list(meant))
        except Unreadable:
            continue
        there = [node.value(dict(zip(meant, point, strict=True))) for point in points]
        if max(map(differs, there, values)) <= EQUAL:
            return text
    raise ValueError(f"line must be a formula that can be typed; got {written[0]}")
