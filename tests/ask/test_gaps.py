"""Proofs with a gap: what is refused when they are made, and what each line is told."""

import copy
import math
import pickle

import pytest
import sympy as sp
from gaps import gaps_of
from the_gaps import BOOK

from lib import ask
from lib.ask.formulas import EQUAL, differs
from lib.ask.gaps import Gap
from lib.ask.live import LiveQuestion
from lib.ask.page import html_of
from lib.ask.parser import parse
from lib.symbolic import Derivation

x, t, w = sp.symbols("x t w", real=True)
sigma, phi = sp.Function("sigma"), sp.Function("phi")
AWAY = sp.Union(sp.Interval.open(-sp.oo, 0), sp.Interval.open(0, sp.oo))


def slope() -> Derivation:
    proof = Derivation.of("Derivative(1/(1 + exp(-x)), x)", names=[x, t, sigma])
    proof.let("D", "1 + exp(-x)", "name the denominator")
    proof.equals("1/D**2*exp(-x)", "differentiate")
    proof.equals("1/D**2*(D - 1)", "the exponential is $D - 1$")
    proof.let("sigma(t)", "1/(1 + exp(-t))", "the sigmoid is $1/D$")
    return proof.equals("sigma(x)*(1 - sigma(x))", "from the output")


def size() -> Derivation:
    return Derivation.of("sqrt(x**2)", names=[x]).equals("Abs(x)", "the root is positive")


def sides() -> Derivation:
    proof = Derivation.of("Derivative(phi(x), x)", domain={x: AWAY}, names=[x, w, phi])
    proof.let("phi(x)", "Piecewise((x, x > 0), (w*x, True))", "leaky ReLU")
    return proof.equals("Piecewise((1, x > 0), (w, True))", "each piece is a line")


def logarithm() -> Derivation:
    return Derivation.of("log(x**2)", domain={x: AWAY}).equals("2*log(Abs(x))", "the square")


GAPS = {
    "slope": lambda: ask.gap(slope(), "from the output", names={"s": "sigma(x)"}),
    "denominator": lambda: ask.gap(slope(), -3, wrong={"1/D**2*D": "They differ by 1."}),
    "size": lambda: ask.gap(size(), 1, hints=("Take a negative number.",)),
    "sides": lambda: ask.gap(sides(), "each piece is a line"),
    "logarithm": lambda: ask.gap(logarithm(), "the square"),
}
RIGHT = {
    "slope": ["s(1-s)", "s − s²", "1/4-(s-1/2)^2", "s/(1/(1-s))"],
    "denominator": ["(D-1)/D^2", "1/D - 1/D²", "D^-2 (D - 1)", "1/D**2*(D - 1)"],
    "size": ["abs(x)", "max(x, -x)", "if(x >= 0, x, -x)", "if(x<0,-x,x)", "sqrt(abs(x)^2)"],
    "sides": ["if(x > 0, 1, w)", "if(x < 0, w, 1)", "(1+w)/2 + (1-w)/2*x/abs(x)"],
    "logarithm": ["2 ln(abs(x))", "ln(abs(x)) + ln(abs(x))", "4 ln(sqrt(abs(x)))"],
}
# A sign, a factor, a domain, a case, and what agrees at a few points.
WRONG = {
    "slope": ["s(s-1)", "2s(1-s)", "s", "s(1+s)", "s(1-s) + s(s-1/2)(s-1)(s-1/4)(s-3/4)",
              "s*(1-s) + s^9/10^4"],
    "denominator": ["(1-D)/D^2", "1/D^2*D", "(D-1)/D^2 + (D-2)(D-3)(D-4)/10^6", "1/D^2(D+1)",
                    "sqrt(D-3)^2/D^2"],
    "size": ["x", "-x", "sqrt(x)^2", "x^2/x", "max(x, 0)", "x^2", "ln(exp(x))", "1/(1/abs(x))"],
    "sides": ["w", "1", "if(x > 0, w, 1)", "if(x > 1, 1, w)", "if(x > 0, 1, 0)", "if(x>0,x,w x)"],
    "logarithm": ["2 ln(x)", "ln(x) + ln(x)", "ln(abs(x))", "2 ln(-x)", "2ln(abs(x)) + abs(x) - x"],
}  # fmt: skip


@pytest.fixture(scope="module")
def gaps() -> dict[str, Gap]:
    return {name: make() for name, make in GAPS.items()}


@pytest.mark.parametrize(("name", "given"), [(n, g) for n, some in RIGHT.items() for g in some])
def test_every_form_of_a_line_is_right_and_proved(
    gaps: dict[str, Gap], name: str, given: str
) -> None:
    verdict = gaps[name].judge(given)
    assert verdict.right is True, verdict.text
    assert "is proved" in verdict.text


@pytest.mark.parametrize(("name", "given"), [(n, g) for n, some in WRONG.items() for g in some])
def test_a_wrong_line_is_told_where_it_fails(gaps: dict[str, Gap], name: str, given: str) -> None:
    verdict = gaps[name].judge(given)
    assert verdict.right is False
    assert any(part in verdict.text for part in ("gives", "no value", "differ", "hold:"))


def test_a_line_that_only_the_kernel_can_refuse_is_refused_there(gaps: dict[str, Gap]) -> None:
    beyond = "abs(x) + max(0, x - 40)"  # differs beyond all points that are tried
    question = gaps["size"]
    values = [parse(beyond, ["x"]).value({"x": place}) for (place,) in question.points]
    assert max(map(differs, values, question.values)) <= EQUAL
    verdict = question.judge(beyond)
    assert verdict.right is None
    assert "the checker finds no proof" in verdict.text
    close = GAPS["slope"]().judge("s*(1-s) + 10^-13")
    assert close.right is False
    assert "The line does not hold: x = " in close.text


def test_what_stands_in_the_proof_is_no_answer(gaps: dict[str, Gap]) -> None:
    for name, given in (
        ("denominator", "(1 - s)s"), ("size", "sqrt(x^2)"), ("logarithm", "ln(x^2)"),
    ):  # fmt: skip
        assert gaps[name].judge(given).right is None
    again = ask.gap(slope(), -3, names={"D": "D", "x": "x"})
    assert again.judge("exp(-x)/D^2").right is None
    assert again.judge("e^-x * 1/D^2").right is None
    assert again.judge("1/D*(1/D)*exp(-x)").right is True  # not the same tree
    assert "already" in again.judge("e^-x/D^2").text


def test_a_name_stands_for_what_the_proof_says(gaps: dict[str, Gap]) -> None:
    assert gaps["slope"].meant == (("s", "sigma(x)"),)
    assert gaps["slope"].typed == "s*(1 - s)"
    assert all(0 < s < 1 for (s,) in gaps["slope"].points)
    assert gaps["denominator"].judge("x").text.startswith("“x” is not known here.")
    assert gaps["sides"].typed == "if(x > 0, 1, w)"
    assert gaps["denominator"].judge("1/D^2*D").text == "They differ by 1."


def test_points_reach_both_signs_both_ends_and_the_special_places(gaps: dict[str, Gap]) -> None:
    places = sorted(place for (place,) in gaps["size"].points)
    assert places[0] < -3
    assert places[-1] > 3
    assert {0.0, 1.0} <= set(places)
    assert sum(place < 0 for place in places) > 8
    for (place,) in gaps["slope"].points[:24]:
        assert not math.isclose(place * 1e4 % 1, 0, abs_tol=1e-9)
    bounded = Derivation.of("x*x", domain={x: sp.Interval(-1, 2)}).equals("x**2", "a square")
    near = sorted(place for (place,) in ask.gap(bounded, 1).points)
    assert near[0] == -1
    assert near[-1] == 2
    assert -1 < near[1] < -0.98
    assert 1.97 < near[-2] < 2
    n = sp.Symbol("n", integer=True, positive=True)
    whole = Derivation.of("n + n", names=[n]).equals("2*n", "add")
    assert all(place % 1 == 0 and place >= 1 for (place,) in ask.gap(whole, 1).points)


def test_a_gap_may_be_a_step_or_a_claim() -> None:
    y, n = sp.Symbol("y", positive=True), sp.Symbol("n", positive=True)
    proof = Derivation("n*y/2", "1", "given", names=[y, n]).step("y", "2/n", "divide")
    proof.claim("(n + 1)**2 == n**2 + 2*n + 1", "multiply out")
    step, claim = (ask.gap(proof, reason) for reason in ("divide", "multiply out"))
    for given, right in (("2/n", True), ("2n^-1", True), ("n/2", False), ("1/n", False)):
        assert step.judge(given).right is right
    assert "proved" in step.judge("4/(2n)").text
    assert "proved" in claim.judge("1 + n(n+2)").text
    assert claim.judge("n^2 + 1").right is False


def test_the_proof_has_a_gap_and_no_answer_above_it(gaps: dict[str, Gap]) -> None:
    html = html_of(gaps["denominator"])
    assert html.count('class="derivation-blank"') == 1
    assert 'aria-label="missing"' in html
    assert "Show the line" in html
    assert "<code>1/D**2*(D - 1)</code>" in html
    assert "(in <code>D</code>)" in html
    assert "for <span" in html_of(gaps["slope"])
    gate = sp.Symbol("o_{t-1}", real=True)
    named = Derivation.of("o + o", names={"o": gate}).equals("2*o", "add")
    assert "<code>o</code> for <span" in html_of(ask.gap(named, 1))
    assert 'class="derivation-blank"' not in slope()._repr_html_()


def test_a_kernel_shows_the_line_as_it_is_typed_and_fills_the_gap() -> None:
    live = LiveQuestion(GAPS["size"]())
    assert 'class="derivation-blank"' in live.proof.value
    live.input[0].value = "max(x, -x"
    assert live.typed.value == ""
    live.input[0].value = "max(x, -x)"
    assert r"\max\left(x, -x\right)" in live.typed.value
    assert live.feedback.value == ""
    live.input[0]._handle_custom_msg({"event": "submit"}, [])
    assert "✓ Right." in live.feedback.value
    assert "is proved" in live.feedback.value
    assert 'class="derivation-blank"' not in live.proof.value
    shown = LiveQuestion(GAPS["size"]())
    assert shown.show.description == "Show the line"
    shown.show.click()
    assert 'class="derivation-blank"' not in shown.proof.value


REFUSED = [
    (lambda: ask.gap("x", 1), TypeError, "proof must be a Derivation"),
    (lambda: ask.gap(slope(), 9), ValueError, "line must be the place of one of 6 lines"),
    (lambda: ask.gap(slope(), True), TypeError, "line must be the place or the reason"),
    (lambda: ask.gap(slope(), "unknown"), ValueError, "line must be the reason of one line; 0"),
    (lambda: ask.gap(slope(), 0), ValueError, "line must be an equation that was proved"),
    (lambda: ask.gap(slope(), 1), ValueError, "line must be an equation that was proved"),
    (lambda: ask.gap(slope(), 2, names=["D"]), ValueError, "names must hold all.*x is left"),
    (lambda: ask.gap(slope(), 3, names={"D": "Q"}), ValueError, "names must be known"),
    (lambda: ask.gap(slope(), 3, names="D"), TypeError, "names must be a sequence"),
    (lambda: ask.gap(slope(), 3, names={"e f": "D"}), TypeError, "names must have names"),
    (lambda: ask.gap(slope(), 3, wrong={"1/D - 1/D^2": "x"}), ValueError, "the right answer"),
    (lambda: ask.gap(slope(), 3, wrong={"D": "x", "2D - D": "y"}), ValueError, "a formula twice"),
    (lambda: ask.gap(slope(), 3, wrong={"y": "x"}), ValueError, "wrong must be a formula of D"),
    (lambda: ask.gap(slope(), 3, wrong={"ln(1-D)": "x"}), ValueError, "must have a value"),
    (lambda: ask.gap(slope(), 3, wrong={"D": ""}), ValueError, r"wrong\['D'\] must not be empty"),
    (lambda: ask.gap(slope(), 3, prompt=" "), ValueError, "prompt must not be empty"),
    (lambda: ask.gap(slope(), 3, hints="x"), TypeError, "hints must be a sequence"),
    (lambda: ask.gap(Derivation.of("x**2", names=[x]).compare(">=", "0", "a square"), 1),
     ValueError, "line must be an equation"),
]  # fmt: skip


@pytest.mark.parametrize(("make", "kind", "words"), REFUSED)
def test_a_gap_that_would_mislead_is_refused(make: object, kind: type, words: str) -> None:
    with pytest.raises(kind, match=words):
        make()


def test_a_changed_proof_refuses_the_mistakes_that_it_makes_right() -> None:
    for sign, fine in (("-", True), ("+", False)):
        proof = Derivation.of(f"1 {sign} exp(x)**2", names=[x])
        proof.equals(f"1 {sign} exp(2*x)", "powers add")
        made = lambda proof=proof: ask.gap(proof, 1, wrong={"1 + exp(2x)": "The sign."})  # noqa: E731
        if fine:
            made()
        else:
            with pytest.raises(ValueError, match="wrong must not hold the right answer"):
                made()


def test_gaps_are_values() -> None:
    one, other = GAPS["slope"](), GAPS["slope"]()
    assert one == other
    assert copy.deepcopy(one) == one == pickle.loads(pickle.dumps(one))
    assert one.name == other.name
    assert len({make().name for make in GAPS.values()}) == len(GAPS)


@pytest.mark.rotates(3)
@pytest.mark.parametrize("page", BOOK)
def test_the_gaps_of_the_book_are_judged_as_a_teacher_would(page: str) -> None:
    found = gaps_of(f"book/{page}")
    assert len(found) == len(BOOK[page]) >= 2
    for question, (right, wrong) in zip(found, BOOK[page], strict=True):
        assert len(right) >= 3
        assert len(wrong) >= 5
        stored = [parse(question.typed, [n for n, _ in question.meant]).value(
            dict(zip((n for n, _ in question.meant), place, strict=True))
        ) for place in question.points]  # fmt: skip
        assert max(map(differs, stored, question.values)) <= EQUAL
        for given in right[:3]:
            verdict = question.judge(given)
            assert verdict.right is True, (question.typed, given, verdict.text)
            assert "is proved" in verdict.text, (question.typed, given, verdict.text)
        for given in wrong:
            assert question.judge(given).right is False, (question.typed, given)
