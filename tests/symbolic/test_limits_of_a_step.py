"""One error, a limit of time, and a mark of trust on every line."""

import threading
import time

import numpy as np
import pytest
import sympy as sp

from lib.symbolic import Derivation, DerivationError, normal
from lib.symbolic.budget import can_limit, limited
from lib.symbolic.chains import carried
from lib.symbolic.enclosures import certainly_positive, positive_between
from lib.symbolic.evaluation import Inexact, evaluate
from lib.symbolic.evident_signs import NONNEGATIVE, NONZERO, POSITIVE
from lib.symbolic.signs import _RANGES, sign
from lib.symbolic.trust import NotProved, Trust

x, y = sp.symbols("x y", real=True)
p = sp.Symbol("p", positive=True)
exp = sp.exp


def test_counterexample_is_shown_with_both_values():
    with pytest.raises(DerivationError, match=r"at x = .* the two sides are .* against") as error:
        Derivation.of(x**2).equals(x**3, "wrong")
    assert "against" in error.value.counterexample


def compute(seconds):
    begun = time.process_time()
    while time.process_time() < begun + seconds:
        try:
            sum(range(1000))
        except Exception:
            continue
    return Trust.PROVED


def test_a_step_that_takes_too_long_says_so(monkeypatch):
    monkeypatch.setattr(Derivation, "seconds", 0.2)
    steps = Derivation.of(x)
    monkeypatch.setattr("lib.symbolic.proofs.prove_identity", lambda *_, **__: compute(20))
    with pytest.raises(DerivationError, match=r"within 0\.2 seconds of processor time"):
        steps.equals(y, "forever")


def test_the_limit_is_lifted_after_a_step():
    with limited(0.05):
        pass
    compute(0.2)


def test_in_a_thread_there_is_no_limit_and_the_check_works():
    found = []

    def check():
        found.append(can_limit())
        with limited(0.01):
            compute(0.05)
        found.append(Derivation.of((x + 1) ** 2).equals(x**2 + 2 * x + 1, "expand").lines[-1].trust)

    thread = threading.Thread(target=check)
    thread.start()
    thread.join()
    assert found == [False, "proved"]


@pytest.mark.parametrize("failure", [NotImplementedError, RecursionError, TypeError, KeyError])
def test_no_other_error_of_sympy_comes_out(monkeypatch, failure):
    def fails(*_, **__):
        raise failure("deep inside")

    monkeypatch.setattr("lib.symbolic.proofs.prove_identity", fails)
    with pytest.raises(DerivationError, match=r'step 1, "r", is not proved'):
        Derivation.of(x).equals(y, "r")


@pytest.mark.parametrize(
    ("write", "trust"),
    [
        (lambda: Derivation.of((x + 1) ** 2).equals(x**2 + 2 * x + 1, "r"), "proved"),
        (lambda: Derivation.of(sp.Integral(x, (x, 0, 1))).equals(sp.Rational(1, 2), "r"), "sympy"),
        (lambda: Derivation(y, x + 1, "r"), "definition"),
        (lambda: Derivation(x**2, sp.Integer(4), "r"), "assumption"),
        (lambda: Derivation(sp.sinh(2 * x), 2 * sp.sinh(x) * sp.cosh(x), "r"), "proved"),
        (lambda: Derivation.of(x).let(y, x + 1, "r"), "definition"),
    ],
)
def test_every_line_says_how_it_was_established(write, trust):
    steps = write()
    assert steps.lines[-1].trust == trust


def test_agreement_at_points_has_to_be_asked_for_and_is_displayed(monkeypatch):
    monkeypatch.setattr("lib.symbolic.identities.vanishes", lambda *_: Trust.NONE)
    with pytest.raises(DerivationError, match="not reduced to zero"):
        Derivation.of(x**2 - 1).equals((x - 1) * (x + 1), "r")
    steps = Derivation.of(x**2 - 1).equals((x - 1) * (x + 1), "r", at_points=True)
    assert steps.lines[-1].trust == "points"
    assert 'data-trust="points"' in steps._repr_html_()
    with pytest.raises(DerivationError, match="against"):
        Derivation.of(x**2 - 1).equals((x - 1) * (x + 2), "r", at_points=True)


def test_variables_of_nested_integrals_are_not_confused():
    def twice(inner):
        return sp.Integral(x * sp.Integral(inner, (y, 0, 1)), (x, 0, 1))

    u, v = sp.symbols("u v", real=True)
    same = sp.Integral(u * sp.Integral(sp.exp(u * v), (v, 0, 1)), (u, 0, 1))
    assert normal.is_zero(twice(sp.exp(x * y)) - same)
    assert not normal.is_zero(twice(sp.exp(x * y)) - twice(sp.exp(y**2)))


def test_levels_are_displayed():
    shown = Derivation.of((x + 1) ** 2).equals(x**2 + 2 * x + 1, "expand")._repr_html_()
    assert 'data-trust="proved"' in shown
    assert 'aria-label="proved by rules or by a normal form"' in shown


@pytest.mark.parametrize(
    ("relations", "left"),
    [
        (["="], "="), (["=", "<="], "<="), (["<=", "="], "<="), (["<", "<="], "<"),
        (["<=", "<"], "<"), ([">=", "=", ">"], ">"), ([], "="),
    ],
)  # fmt: skip
def test_a_chain_leaves_its_weakest_relation(relations, left):
    assert carried(relations) == left


@pytest.mark.parametrize("relations", [["<", ">"], ["<=", "=", ">="], [">", "<="]])
def test_a_chain_up_and_down_leaves_none(relations):
    with pytest.raises(NotProved, match="up and down"):
        carried(relations)


@pytest.mark.parametrize(
    ("expression", "kind", "domain", "holds"),
    [
        (x**2 + x + 1, POSITIVE, {}, True),
        (x**2 + 2 * x + 1, POSITIVE, {}, False),
        (x**2 + 2 * x + 1, NONNEGATIVE, {}, True),
        (x - 20, NONZERO, {}, False),
        (1 - x**2, POSITIVE, {x: sp.Interval(-1, 1)}, False),
        (1 - x**2, POSITIVE, {x: sp.Interval.open(-1, 1)}, True),
        (p - sp.sin(p), NONNEGATIVE, {}, True),
        (sp.sin(p) - p, NONNEGATIVE, {}, False),
        (sp.exp(x) - x - 1, POSITIVE, {}, False),
        (sp.Abs(x), POSITIVE, {}, False),
        (sp.Max(x, 1 - x), POSITIVE, {}, True),
        (sp.cos(x), POSITIVE, {x: sp.Interval(-1, 1)}, True),
        (sp.cos(x), POSITIVE, {x: sp.Interval(-2, 2)}, False),
        (x**3 - x, NONZERO, {x: sp.Interval.open(0, 1)}, True),
        (sp.exp(-x) - sp.Rational(1, 10**9), POSITIVE, {}, False),
    ],
)
def test_signs(expression, kind, domain, holds):
    assert bool(sign(expression, kind, domain)) is holds


def test_functions_that_are_replaced_by_their_range_have_that_range():
    at = np.linspace(-60, 60, 12_001)
    for function, claimed in _RANGES.items():
        values = sp.lambdify(x, function(x), ["scipy", "numpy"])(at)
        assert float(claimed.inf) == pytest.approx(values.min(), abs=0.02)
        assert float(claimed.sup) == pytest.approx(values.max(), abs=0.02)
        reached = function in (sp.sin, sp.cos, sp.sign)
        assert (claimed.left_open, claimed.right_open) == (not reached, not reached)


def test_enclosures_prove_nothing_that_fails_somewhere():
    dip = (x - sp.Rational(1, 3)) ** 2 - sp.Rational(1, 10**8)
    assert not certainly_positive(dip, x)
    assert not positive_between(dip, x, sp.S.Zero, sp.S.One)
    assert certainly_positive((x - sp.Rational(1, 3)) ** 2 + sp.Rational(1, 10), x)
    assert not certainly_positive(
        sp.exp(sp.pi * sp.sqrt(163)) - sp.Integer(262537412640768744), None
    )


def test_digits_that_cancel_are_carried_along():
    square = p * sp.cosh(y) ** 2 - p * sp.sinh(y) ** 2
    value = evaluate(square, {p: sp.Integer(7), y: sp.Rational(-1993, 10)})
    assert abs(value - 7) < 1e-45
    nothing = sp.sin(y) ** 2 + sp.cos(y) ** 2 - 1
    assert evaluate(nothing, {y: sp.Rational(1, 3)}) == 0


@pytest.mark.parametrize("power", [exp(exp(x)), sp.sin(exp(exp(x))), x ** exp(exp(x))])
def test_what_has_too_many_digits_is_not_evaluated(power):
    with pytest.raises(Inexact):
        evaluate(exp(power), {x: sp.Integer(300)})


def test_agreement_at_points_where_nothing_can_be_evaluated_is_no_evidence():
    tower = exp(exp(exp(p)))
    with pytest.raises(DerivationError):
        Derivation.of(tower, domain={p: sp.Interval(100, sp.oo)}).equals(
            tower * (1 + exp(-exp(exp(p)))), "r", at_points=True
        )


def test_powers_of_a_degree_that_no_computer_holds_are_seen():
    assert normal.is_too_high(exp(x) - exp(x * (1 + sp.Rational(1, 10**30))))
    assert not normal.is_too_high(exp(x / 2) - sp.tanh(sp.Rational(1702, 1000) * x))


def test_an_arrow_says_that_a_line_only_follows():
    steps = Derivation(x, y, "given").implies(x**2, y**2, "square both sides")
    assert r"\Rightarrow" in steps._repr_html_()
    assert r"\Rightarrow" in steps._repr_latex_()
    assert repr(steps).splitlines()[1].startswith("=> ")
    assert len(steps) == 1
    with pytest.raises(DerivationError):
        steps.step(x, y, "back")
