"""Generated lines: no false one is accepted, by the whole check or by its rules alone.

`make test-all` runs all of them, `make test` a sample. The points alone would refuse almost all
false lines; the rules must refuse them too, so they are also asked without the points.
"""

from collections import Counter

import pytest
import sympy as sp
from generated import KINDS, Pair, differs, expressions, n, p, pairs, q, x, y
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from lib.symbolic import Derivation, DerivationError
from lib.symbolic.equations import _equivalent
from lib.symbolic.inequalities import at_most
from lib.symbolic.matrices import differences
from lib.symbolic.proofs import Proofs
from lib.symbolic.reduction import vanishes
from lib.symbolic.trust import NotProved

# The time limit may strike while Hypothesis counts the seconds of the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

SAMPLE = 4
SEEDS, ALL = 25, 120  # identities: one long run would end in formulas that are slow to read
ALL_BY_RULES = 400  # without the points, SymPy looks for a proof of each
SECONDS = 2
COUNTS: Counter[str] = Counter()


def sampled(function):
    """Run a few examples in `make test`."""
    return _settings(SAMPLE)(function)


def _settings(examples):
    return settings(
        max_examples=examples, deadline=None, derandomize=True, database=None,
        suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate],
    )  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def printed():
    """Print what was tried and what was accepted."""
    yield
    for kind, count in sorted(COUNTS.items()):
        print(f"{kind}: {count}")


def check_identity(pair: Pair) -> None:
    accepted = _accepted(pair.left, pair.right)
    if accepted is not None:
        COUNTS["true identities accepted" if accepted else "true identities refused"] += 1
    if differs(pair.left, pair.wrong):
        COUNTS["false identities tried"] += 1
        assert not _accepted(pair.left, pair.wrong), f"{pair.left} = {pair.wrong}"


def _accepted(left: sp.Expr, right: sp.Expr) -> bool | None:
    start = Derivation.of(left)
    if start.lines[0].right.latex == sp.latex(right, ln_notation=True):
        return None
    try:
        start.equals(right, "generated")
    except DerivationError as refusal:
        return None if "says nothing" in str(refusal) else False
    return True


@sampled
@given(pairs())
def test_no_false_identity_is_accepted(pair):
    check_identity(pair)


@pytest.mark.exhaustive
@pytest.mark.parametrize("number", range(SEEDS))
def test_no_false_identity_of_many_is_accepted(number):
    @seed(number)
    @settings(_settings(ALL), derandomize=False)
    @given(pairs())
    def check(pair):
        check_identity(pair)

    check()


def check_rules(pair: Pair) -> None:
    if differs(pair.left, pair.wrong):
        COUNTS["false identities tried on the rules alone"] += 1
        with pytest.raises(NotProved):
            Proofs({}, SECONDS).run([], lambda: vanishes(pair.left - pair.wrong, {}))


@sampled
@given(pairs())
def test_the_rules_alone_accept_no_false_identity(pair):
    check_rules(pair)


@pytest.mark.exhaustive
@_settings(ALL_BY_RULES)
@given(pairs())
def test_the_rules_alone_accept_no_false_identity_of_many(pair):
    check_rules(pair)


factors = st.sampled_from(
    [x, y, x - y, x - 31, sp.sin(x), sp.exp(x) - 1, sp.Abs(x), sp.Max(0, y), x**2, p - q, p - 3,
     sp.log(p), sp.tanh(y), n - 7, x**2 - 1, sp.cos(y), sp.Max(x, y), p * q - 1, sp.sinh(x - y),
     x * y, x * p, y**3 + 1, sp.atan(x), p - 100, 1 - sp.exp(-p * x)]
)  # fmt: skip


u, v = sp.symbols("u v", real=True)


def check_step(left, right, factor, divide):
    """Where the factor vanishes, one line says nothing, and the other u + left = v right."""
    first = (u + left, "=", v * right)
    second = ((u + left) * factor, "=", v * right * factor)
    before, after = (second, first) if divide else (first, second)
    COUNTS["false steps tried"] += 1
    with pytest.raises(NotProved):
        Proofs({}, SECONDS).run([], lambda: _equivalent(before, after, {}))


@sampled
@given(expressions, expressions, factors, st.booleans())
def test_no_step_multiplies_or_divides_by_what_may_be_zero(left, right, factor, divide):
    check_step(left, right, factor, divide)


@pytest.mark.exhaustive
@_settings(ALL_BY_RULES)
@given(expressions, expressions, factors, st.booleans())
def test_no_step_of_many_multiplies_or_divides_by_what_may_be_zero(left, right, factor, divide):
    check_step(left, right, factor, divide)


bounded = st.sampled_from(
    [sp.tanh(x), sp.sin(x), sp.cos(x * y), 1 / (1 + sp.exp(-x)), sp.exp(-(x**2)), 1 / (1 + x**2),
     sp.Abs(sp.sin(p)), p / (1 + p), sp.exp(-p), sp.sin(x) * sp.cos(x), x / (1 + x**2),
     sp.tanh(p) ** 2, 1 / sp.cosh(x), p * sp.exp(-p), sp.Max(0, sp.sin(y)), x * (1 - x),
     sp.log(1 + p) - p, sp.Abs(x + y) - sp.Abs(x) - sp.Abs(y), sp.sqrt(p * q) - (p + q) / 2]
)  # fmt: skip


def check_inequality(small, share, strict):
    """A bound below a value that is taken is false."""
    symbols = sorted(small.free_symbols, key=str)
    values = [small.subs(dict(zip(symbols, place, strict=True))) for place in (
        [sp.Rational(1, 7)] * len(symbols), [sp.Integer(2), sp.Rational(1, 3)][: len(symbols)])
    ]  # fmt: skip
    taken = max(sp.N(value, 40) for value in values)
    bound = sp.Rational(taken).limit_denominator(10**12) - sp.Rational(1, 10**share)
    COUNTS["false inequalities tried"] += 1
    with pytest.raises(NotProved):
        Proofs({}, SECONDS).run([], lambda: at_most(small, bound, {}, strict=strict))


@sampled
@given(bounded, st.integers(1, 11), st.booleans())
def test_no_bound_below_a_value_is_proved(small, share, strict):
    check_inequality(small, share, strict)


@pytest.mark.exhaustive
@_settings(ALL_BY_RULES)
@given(bounded, st.integers(1, 11), st.booleans())
def test_no_bound_of_many_below_a_value_is_proved(small, share, strict):
    check_inequality(small, share, strict)


N = sp.Symbol("N", integer=True, positive=True)
atoms = st.sampled_from([sp.MatrixSymbol(name, N, N) for name in "ABC"])
turned = atoms | atoms.map(sp.Transpose)
matrix_words = st.lists(turned, min_size=2, max_size=4)


@_settings(100)
@given(matrix_words, st.permutations(range(4)))
def test_products_in_another_order_are_equal_only_if_the_words_are(word, order):
    other = [word[i] for i in order if i < len(word)]
    found = differences(sp.MatMul(*word), sp.MatMul(*other))
    COUNTS["products of matrices tried"] += 1
    assert all(d == 0 for d in found) == (word == other)


def test_every_kind_of_mutation_is_used():
    assert len(KINDS) == 8
