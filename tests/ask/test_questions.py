"""Questions: what is refused when they are made, and what each answer is told."""

import math

import pytest
import sympy as sp

from lib import ask
from lib.ask import page
from lib.ask.parser import Unreadable, parse
from lib.ask.questions import Question

SIGMOID = "The slope of the sigmoid, from its output $s$?"


def letters(**changes: object) -> Question:
    given = {
        "right": "b", "because": "It is second.", "wrong": {"a": "It is first.", "c": "Third."},
    } | changes  # fmt: skip
    return ask.choice("Which letter is second?", **given)


def halves(**changes: object) -> Question:
    given = {
        "right": lambda: 0.5**4, "because": "Four halves.", "relative": 0.02,
        "wrong": {2.0: "They are multiplied.", 0.5**3: "That is three."}, "hints": ("One", "Two"),
    } | changes  # fmt: skip
    return ask.number("What are four halves, multiplied?", **given)


def slope(**changes: object) -> Question:
    s = sp.Symbol("s", positive=True)
    given = {
        "right": sp.expand(s * (1 - s)), "variables": {"s": (0, 1)}, "because": "Both count.",
        "wrong": {"s": "That is the output.", "1 - s": "That is the rest."},
    } | changes  # fmt: skip
    return ask.formula(SIGMOID, **given)


def test_each_option_is_told_its_own_words() -> None:
    question = letters()
    told = {o.shown: question.judge(i) for i, o in enumerate(question.options)}
    assert [told[letter].right for letter in "abc"] == [False, True, False]
    assert [told[letter].text for letter in "abc"] == ["It is first.", "It is second.", "Third."]


def test_numbers_stand_in_order_and_letters_in_one_that_tells_nothing() -> None:
    numbers = ask.choice("?", right=3, because="x", wrong={7: "a", 0.5: "b", 1e-12: "c"})
    assert [option.shown for option in numbers.options] == ["10⁻¹²", "0.5", "3", "7"]
    places = {
        [o.right for o in ask.choice(f"{i}?", right="b", because="x",
                                     wrong={"a": "1", "c": "2"}).options].index(True)
        for i in range(12)
    }  # fmt: skip
    assert places == {0, 1, 2}


def test_several_must_all_be_found_and_nothing_else() -> None:
    question = ask.choices(
        "Which shrink?", right={"0.5": "Below 1.", "0.9": "Also below 1."}, because="Below 1.",
        wrong={"1.1": "It grows.", "1.0": "It stays."},
    )  # fmt: skip
    at = {option.shown: i for i, option in enumerate(question.options)}
    assert question.judge({at["0.5"], at["0.9"]}).right is True
    half = question.judge({at["0.5"]})
    assert (half.right, half.text) == (False, "One more is right.")
    both = question.judge({at["0.5"], at["1.1"]}).text
    assert both == "1.1: It grows. One more is right."
    assert question.judge(set()).right is None


@pytest.mark.parametrize("given", ["0.0625", "1/16", "2^-4", "(1/2)⁴", " 6.25e-2 ", "0.0630"])
def test_a_number_may_be_written_in_many_ways(given: str) -> None:
    assert halves().judge(given).right is True


def test_a_wrong_number_is_told_its_mistake_or_its_direction() -> None:
    question = halves()
    assert question.judge("2").text == "They are multiplied."
    assert question.judge("1/8").text == "That is three."
    assert question.judge("-1").text == "The sign is wrong."
    assert question.judge("0.07").text == "Too large, but of the right order of magnitude."
    assert question.judge("0").text == "Too small."
    assert question.judge("62.5").text == "Too large, by about 3 orders of magnitude."
    assert question.judge("1/0") == question.judge("0^-1")
    for unread in ("", "x", "1,5", "2 apples", "()"):
        assert question.judge(unread).right is None


def test_units_and_thousands_are_read() -> None:
    question = halves(right=12345, unit="layers", wrong={})
    assert question.judge("12,345 layers").right is True
    assert question.judge("12,34").right is None
    assert question.answer == "12345 layers"
    negative = halves(right=-2.0, wrong={}).judge("-1.9").text
    assert negative == "Too large (it is negative), but of the right order of magnitude."


@pytest.mark.parametrize(
    "given", ["s(1-s)", "s − s²", "1/4-(s-1/2)^2", "s*(1-s)*e^0", "0.25 - (0.5 - s)**2"]
)
def test_every_form_of_a_formula_is_right_and_proved(given: str) -> None:
    verdict = slope().judge(given)
    assert verdict.right is True
    assert "proved" in verdict.text


@pytest.mark.parametrize(
    "given",
    [
        "s(s-1)", "2s(1-s)", "s(1-s)^2", "s(1+s)", "s-s^3", "s(1-s)+1/10^12",
        "s(1-s)(1+10^-11)", "abs(s)-s^2+sin(pi s)^2",
    ],
)  # fmt: skip
def test_wrong_formulas_are_refused_also_where_they_are_near(given: str) -> None:
    verdict = slope().judge(given)
    assert verdict.right is False
    assert "differs" in verdict.text or "gives" in verdict.text


def test_a_formula_is_told_what_it_is_or_where_it_fails() -> None:
    question = slope()
    assert question.judge("s").text == "That is the output."
    assert question.judge("1-s").text == "That is the rest."
    assert "has no value" in question.judge("ln(s-1)").text
    assert question.judge("s(1-s)(1+10^-8)").right is None
    assert question.judge("t").text == "“t” is not known here. The formula is in s."


@pytest.mark.parametrize(
    "text",
    ["", "(", "1+", "*2", "exp", "exp 2", "2)", "f(3)", "1,2", "__import__('os')", "s.x", "'",
     "(" * 60 + "s" + ")" * 60, "-" * 60 + "s", "s" * 300, "lambda: s", "s==s"],
)  # fmt: skip
def test_what_is_no_formula_is_said_in_words(text: str) -> None:
    with pytest.raises(Unreadable, match=r"\.$"):
        parse(text, ["s"])


@pytest.mark.parametrize(
    ("text", "value"),
    [("-2^2", -4), ("2^3^2", 512), ("2^-1", 0.5), ("1/2x", 1.5), ("8/2/2", 2), ("2-3-4", -5),
     ("x_1 x1", 4), ("2(3)4", 24), ("-x(2)", -6), ("e^ln(2)", 2), ("sigma(0)", 0.5),
     ("2pi", 2 * math.pi), ("10⁻³", 1e-3), ("x²", 9), ("Sqrt(x·x)", 3), ("[2+3]{2}", 10)],
)  # fmt: skip
def test_formulas_mean_what_they_mean_on_paper(text: str, value: float) -> None:
    node = parse(text, ["x", "x_1"])
    assert node.value({"x": 3.0, "x_1": 2.0}) == pytest.approx(value)
    exact = sp.sympify(node.notation(["x", "x_1"]), {"x": 3, "x_1": 2})
    assert float(exact) == pytest.approx(value)


def test_a_scale_compares_in_words() -> None:
    question = ask.scale(
        "?", right=3.5e-13, because="So it is.", between=(1e-15, 1), log=True, unit="m"
    )
    told = dict(zip(question.shown, question.said, strict=True))
    said = told["10⁻³ m" if "10⁻³ m" in told else "0.001 m"]
    assert said.endswith("it is 3.5·10⁻¹³ m: about nine orders of magnitude too large.")
    assert "as near as the scale allows" in told["10⁻¹² m"] or "factor" in told["10⁻¹² m"]
    assert sum(question.near) in (1, 2)
    line = ask.scale("?", right=49, because="x", between=(0, 100), step=10, unit="factors")
    assert line.said[2] == "You said 20 factors; it is 49 factors: 29 factors too small."
    assert line.judge(5).right is True


REFUSED = [
    (lambda: letters(wrong={"b": "x"}), "wrong must not hold the right answer"),
    (lambda: letters(wrong={"B.": "x"}), "wrong must not hold the right answer"),
    (lambda: letters(wrong={"a": "x", " A ": "y"}), "wrong must not hold an answer twice"),
    (lambda: letters(wrong={"a": ""}), "wrong\\['a'\\] must not be empty"),
    (lambda: letters(wrong={"a": None}), "wrong\\['a'\\] must be a text"),
    (lambda: letters(wrong={}), "wrong must hold at least one"),
    (lambda: letters(because=" "), "because must not be empty"),
    (lambda: letters(check=1 > 2), "check must be True"),
    (lambda: letters(right=1.0, wrong={1 + 1e-12: "x"}), "wrong must not hold the right answer"),
    (lambda: letters(right=0.123, wrong={0.1231: "x"}, show=".2f"), "must not hold the right"),
    (lambda: letters(show="zz"), "show must be a format"),
    (lambda: letters(hints="a hint"), "hints must be a sequence"),
    (lambda: halves(wrong={0.0626: "x"}), "wrong must not hold the right answer; 0.0626 is acc"),
    (lambda: halves(wrong={2.0: "x", 2.01: "y"}), "that the tolerance tells apart"),
    (lambda: halves(wrong={math.inf: "x"}), "wrong must be finite"),
    (lambda: halves(right=math.nan), "right must be finite"),
    (lambda: halves(relative=None), "relative or absolute must be given"),
    (lambda: halves(absolute=1.0), "relative or absolute must be given, and not both"),
    (lambda: halves(relative=0.0), "relative must be above 0"),
    (lambda: halves(relative=0.9), "relative must be above 0 and below one half"),
    (lambda: halves(relative=None, absolute=-1), "absolute must be finite, from 0"),
    (lambda: halves(right=0.0), "relative cannot be used if right is 0"),
    (lambda: slope(wrong={"s - s^2": "x"}), "wrong must be a formula of s; "),
    (lambda: slope(wrong={"s - s**2": "x"}), "wrong must not hold the right answer"),
    (lambda: slope(wrong={"2*s": "x", "s + s": "y"}), "wrong must not hold a formula twice"),
    (lambda: slope(wrong={"log(s - 1)": "x"}), "must have a value everywhere"),
    (lambda: slope(right="t"), "right must be a formula of s"),
    (lambda: slope(variables={"s": (1, 0)}), "variables must rise"),
    (lambda: ask.scale("?", right=2, because="x", between=(0, 1)), "right must be finite, from 0"),
    (lambda: ask.scale("?", right=1, because="x", between=(0, 1), log=True), "must be above 0"),
    (lambda: ask.scale("?", right=1, because="x", between=(0, 1), step=1e-6), "step must leave"),
]  # fmt: skip


@pytest.mark.parametrize(("make", "words"), REFUSED)
def test_a_question_that_would_mislead_is_refused(make: object, words: str) -> None:
    with pytest.raises((ValueError, TypeError), match=words):
        make()


def test_a_changed_computation_refuses_the_question() -> None:
    for size, fine in ((0.1, True), (0.5, False)):
        largest = "layer 1" if size > 0.2 else "layer 3"
        made = pytest.raises(ValueError, match="wrong must not hold") if not fine else None
        wrong = {"layer 1": "It is farthest from the loss."}
        if made is None:
            ask.choice("Which?", right=lambda name=largest: name, because="x", wrong=wrong)
        else:
            with made:
                ask.choice("Which?", right=lambda name=largest: name, because="x", wrong=wrong)


def test_names_follow_from_what_is_asked() -> None:
    assert letters().name == letters(because="Another reason.").name
    assert letters().name != letters(wrong={"a": "x"}).name


def test_an_answer_that_is_a_formula_keeps_its_period_on_its_line() -> None:
    assert page._stopped("<b>F</b>", "$x$") == '<span class="unbroken"><b>F</b>.</span>'
    for sentence in ("One", "$x$ and $y$"):
        assert page._stopped("<b>S</b>", sentence) == "<b>S</b>."
