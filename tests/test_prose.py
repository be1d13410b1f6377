"""What the cells keep for the prose."""

import copy
import pickle

import pytest

import lib.prose
from lib.prose import Glue


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[dict, dict]]:
    """Return what is sent with the outputs of a cell, and what is told about it."""
    found: list[tuple[dict, dict]] = []
    monkeypatch.setattr(
        "IPython.display.display", lambda data, raw, metadata: found.append((data, metadata))
    )
    return found


def test_what_is_kept_is_there_as_it_was(monkeypatch: pytest.MonkeyPatch, sent: list) -> None:
    monkeypatch.delenv("VANISHING_GRADIENTS_STATIC", raising=False)
    glue = Glue()
    glue("share", 0.125, display=False)
    glue("size", "10⁻³⁸", display=False)
    assert (glue.share, glue.size, f"{glue.share:.1%}") == (0.125, "10⁻³⁸", "12.5%")
    glue("share", 0.25, display=False)
    assert glue.share == 0.25
    assert sent == []


def test_a_number_that_is_not_there_says_how_to_come_by_it() -> None:
    glue = Glue()
    assert repr(glue.share) == f"{glue.share:.1%}" == f"{glue.share}" == "[share: run the cells]"
    for name in ("_repr_html_", "__deepcopy__", "_ipython_display_"):
        assert not hasattr(glue, name)


def test_it_can_be_copied() -> None:
    glue = Glue()
    glue("share", 0.125, display=False)
    for twin in (copy.deepcopy(glue), pickle.loads(pickle.dumps(glue))):
        assert (twin.share, repr(twin.other)) == (0.125, "[other: run the cells]")


@pytest.mark.parametrize("static", ["1", ""])
@pytest.mark.parametrize("display", [False, True])
def test_the_build_is_told_what_is_kept(
    monkeypatch: pytest.MonkeyPatch, sent: list, static: str, display: bool
) -> None:
    monkeypatch.setenv("VANISHING_GRADIENTS_STATIC", static)
    lib.prose.glue("share", 0.125, display)
    prefix = "" if display else lib.prose.UNSEEN
    told = {"scrapbook": {"name": "share", "mime_prefix": prefix}}
    expected = ({f"{prefix}text/plain": "0.125"}, told)
    assert sent == ([expected] if static or display else [])


@pytest.mark.parametrize("name", ["", "two words", "1st", "_share", "a.b"])
def test_a_name_that_the_text_cannot_use_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="name must be a name"):
        Glue()(name, 1, display=False)


def test_what_is_not_a_name_or_not_a_choice_is_refused() -> None:
    with pytest.raises(TypeError, match="name must be"):
        Glue()(3, 1, display=False)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="display must be"):
        Glue()("share", 1, display="no")  # type: ignore[arg-type]
