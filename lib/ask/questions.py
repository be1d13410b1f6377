"""Questions as values: what is asked, what is right, and what each wrong answer is told."""

import hashlib
import math
from dataclasses import dataclass, field
from typing import Any

from lib._kernel import in_kernel
from lib.ask.formulas import EQUAL, UNSURE, Node, differs, proved
from lib.ask.options import Option
from lib.ask.parser import Unreadable, parse
from lib.ask.words import count_of, number, plain
from lib.symbolic.printing import latex_of_name

STANDS = "This stands in the proof already. Take the step that the reason beside the gap names."


@dataclass(frozen=True)
class Verdict:
    """What an answer is told.

    Attributes
    ----------
    right : bool or None
        None where the answer cannot be judged, and does not count as one.
    text : str
        The words, which may hold mathematics between dollar signs.
    """

    right: bool | None
    text: str


@dataclass(frozen=True, kw_only=True)
class Question:
    """What questions of all kinds share. It displays itself: on a page, or as widgets.

    Attributes
    ----------
    prompt : str
    answer : str
        The right answer as it is shown.
    because : str
        Why it is right.
    options : tuple of Option
        All answers of a choice; otherwise the wrong answers that have words of their own.
    hints : tuple of str
    """

    kind = ""
    prompt: str
    answer: str
    because: str
    options: tuple[Option, ...] = ()
    hints: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Name of the question on its page, which follows from what it says."""
        return "ask-" + hashlib.sha256(self.asked.encode()).hexdigest()[:10]

    @property
    def asked(self) -> str:
        """What tells the question from all others."""
        return "\n".join([self.prompt, *sorted(option.shown for option in self.options)])

    @property
    def wrong(self) -> tuple[Option, ...]:
        """Wrong answers that have words of their own."""
        return tuple(option for option in self.options if not option.right)

    def judge(self, given: Any) -> Verdict:
        """Judge an answer as the page does."""
        raise NotImplementedError

    def data(self) -> dict[str, Any]:
        """Give the script of the page what it needs to judge."""
        return {"kind": self.kind}

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> Any:
        if in_kernel():
            from lib.ask.live import LiveQuestion

            return LiveQuestion(self).widget._repr_mimebundle_()
        from lib.ask.page import html_of

        return {"text/html": html_of(self), "text/plain": self._in_words()}

    def _in_words(self) -> str:
        listed = "".join(f"\n- {plain(o.shown)}" for o in self.options if self.kind[:6] == "choice")
        return f"{plain(self.prompt)}{listed}"


@dataclass(frozen=True, kw_only=True)
class Choice(Question):
    """One of several answers. An answer is the number of its option."""

    kind = "choice"

    def judge(self, given: int) -> Verdict:
        """Judge the option of this number."""
        option = self.options[given]
        return Verdict(option.right, option.said)

    def data(self) -> dict[str, Any]:
        """Give the numbers of the right options."""
        return super().data() | {"right": [i for i, o in enumerate(self.options) if o.right]}


@dataclass(frozen=True, kw_only=True)
class Choices(Choice):
    """Several of several answers. An answer is the set of the numbers of its options."""

    kind = "choices"

    def judge(self, given: Any) -> Verdict:
        """Judge the options of these numbers together."""
        chosen = {int(i) for i in given}
        if not chosen:
            return Verdict(None, "Choose at least one.")
        wrong = [self.options[i] for i in sorted(chosen) if not self.options[i].right]
        missed = [i for i, o in enumerate(self.options) if o.right and i not in chosen]
        if not wrong and not missed:
            return Verdict(True, self.because)
        said = [f"{option.shown}: {option.said}" for option in wrong]
        if missed:
            more = "One more is" if len(missed) == 1 else f"{count_of(len(missed))} more are"
            said.append(f"{more[0].upper()}{more[1:]} right.")
        return Verdict(False, " ".join(said))


@dataclass(frozen=True, kw_only=True)
class Number(Question):
    """A number with a tolerance. An answer is a text such as ``1/4`` or ``10^-12``."""

    kind = "number"
    right: float
    relative: float | None = None
    absolute: float | None = None
    unit: str = ""

    def judge(self, given: str) -> Verdict:
        """Judge the number that a text gives."""
        text = given.strip()
        if self.unit and text.endswith(plain(self.unit)):
            text = text.removesuffix(plain(self.unit)).strip()
        try:
            value = parse(text.replace(",", "") if _thousands(text) else text).value({})
        except Unreadable as error:
            return Verdict(None, str(error))
        if not math.isfinite(value):
            return Verdict(None, "This has no value.")
        if within(value, self.right, self.relative, self.absolute):
            return Verdict(True, self.because)
        for option in self.wrong:
            assert isinstance(option.value, float)
            if within(value, option.value, self.relative, self.absolute):
                return Verdict(False, option.said)
        return Verdict(False, compared(value, self.right))

    def data(self) -> dict[str, Any]:
        """Give the right number, the tolerance, and the wrong numbers."""
        return super().data() | {
            "right": self.right, "relative": self.relative, "absolute": self.absolute,
            "unit": plain(self.unit), "wrong": [option.value for option in self.wrong],
        }  # fmt: skip


def _thousands(text: str) -> bool:
    """Tell whether commas stand before every three digits, and nowhere else."""
    parts = text.split(",")
    return len(parts) > 1 and all(len(p) == 3 and p.isdigit() for p in parts[1:])


def within(value: float, right: float, relative: float | None, absolute: float | None) -> bool:
    """Tell whether a number is as near as the tolerance asks, up to rounding."""
    allowed = absolute if absolute is not None else (relative or 0) * abs(right)
    return abs(value - right) <= allowed + 1e-12 * abs(right)


def compared(value: float, right: float) -> str:
    """Say in which direction a wrong number is wrong, and how far if that is far."""
    if value * right < 0:
        return "The sign is wrong."
    size = "large" if value > right else "small"
    if right < 0:
        size = f"{size} (it is negative)"
    if value == 0 or right == 0:
        return f"Too {size}."
    orders = math.floor(abs(math.log10(value / right)) + 0.5)
    if orders < 1:
        return f"Too {size}, but of the right order of magnitude."
    return f"Too {size}, by about {orders} order{'s' if orders > 1 else ''} of magnitude."


@dataclass(frozen=True, kw_only=True)
class Formula(Question):
    """A formula, equal up to algebra. An answer is a text such as ``s*(1-s)``."""

    kind = "formula"
    yours, other = "your formula", "the right one"
    right: Any = field(compare=False)  # its values are compared
    variables: tuple[tuple[str, tuple[float, float]], ...]
    points: tuple[tuple[float, ...], ...]
    values: tuple[float, ...]

    def judge(self, given: str) -> Verdict:
        """Compare at the points, then ask `lib.symbolic` for a proof."""
        names = [name for name, _ in self.variables]
        try:
            node = parse(given, names)
        except Unreadable as error:
            return Verdict(None, str(error))
        if self.says_nothing(node):
            return Verdict(None, STANDS)
        places = [dict(zip(names, point, strict=True)) for point in self.points]
        values = [node.value(place) for place in places]
        gaps = [differs(a, b) for a, b in zip(values, self.values, strict=True)]
        if max(gaps) <= EQUAL:
            return self.equal(node)
        if max(gaps) <= UNSURE:
            return Verdict(None, "This is nearly equal, and cannot be told from equal here.")
        for option in self.wrong:
            assert isinstance(option.value, tuple)
            if max(map(differs, values, option.value)) <= EQUAL:
                return Verdict(False, option.said)
        worst = gaps.index(max(gaps))
        where = ", ".join(f"{plain(n)} = {number(v)}" for n, v in places[worst].items())
        if not math.isfinite(values[worst]):
            return Verdict(False, f"At {where} {self.yours} has no value.")
        return Verdict(
            False,
            f"At {where} {self.yours} gives {number(values[worst])}, "
            f"and {self.other} {number(self.values[worst])}.",
        )

    def says_nothing(self, node: Node) -> bool:
        """Tell whether a formula is one that the reader sees already."""
        return False

    def equal(self, node: Node) -> Verdict:
        """Ask `lib.symbolic` about a formula that is equal at all points."""
        names = [name for name, _ in self.variables]
        found, where = proved(self.right, node.notation(names), dict(self.variables))
        if found is False:
            return Verdict(False, f"Your formula differs from the right one: {where}.")
        how = "proved" if found else f"equal at {len(self.points)} points; no proof was found"
        return Verdict(True, f"{self.because} (Your form: {how}.)")

    @property
    def displayed(self) -> dict[str, str]:
        """How the names are displayed, in LaTeX."""
        return {name: latex_of_name(name) for name, _ in self.variables}

    def data(self) -> dict[str, Any]:
        """Give the points, and the values of the right and the wrong formulas there."""
        return super().data() | {
            "names": [name for name, _ in self.variables], "points": self.points,
            "right": self.values, "wrong": [option.value for option in self.wrong],
            "equal": EQUAL, "unsure": UNSURE, "displayed": self.displayed,
            "yours": self.yours, "other": self.other,
        }  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Scale(Question):
    """A number by a slider. An answer is a place on the scale, counted from 0."""

    kind = "scale"
    right: float
    values: tuple[float, ...]
    shown: tuple[str, ...]
    said: tuple[str, ...]
    near: tuple[bool, ...]

    @property
    def start(self) -> int:
        """Place at which the slider starts: in the middle, unless that is the answer."""
        middle, quarter = len(self.values) // 2, len(self.values) // 4
        return next((i for i in (middle, quarter, 0) if not self.near[i]), 0)

    def judge(self, given: int) -> Verdict:
        """Compare the value at this place with the right one."""
        return Verdict(self.near[given], f"{self.said[given]} {self.because}")

    def data(self) -> dict[str, Any]:
        """Give what each place shows and is told."""
        return super().data() | {"shown": self.shown, "said": self.said, "near": self.near}
