"""Exercises have a number, a grade, a solution or a start, and a link from the text above."""

import re
from pathlib import Path

import pytest
from bs4 import Tag
from the_book import TOC, article_of, chapters, pages, source_of

GRADES = ("easy", "medium", "hard", "research")
EXERCISE = re.compile(
    r"^:::\{admonition\} Exercise (?P<number>[^\s(]+) \((?P<grade>\w+)\)\n:class: exercise\n"
    r":name: (?P<name>\S+)\n(?P<text>.*?)^:::\n(?P<below>.*?)(?=^:::\{admonition\} Exercise|\Z)",
    re.MULTILINE | re.DOTALL,
)
# What follows an exercise, by its grade: the folds one inside the other.
FOLDS = {
    "easy": ["Solution {}"],
    "medium": ["Solution {}"],
    "hard": ["Hint for {}", "Solution {}"],
    "research": ["Start of {}"],
}


def deeper() -> list[str]:
    """Pages of the part "Going deeper" that have exercises, in order: some are all experiments."""
    (part,) = [part for part in TOC["parts"] if part["caption"] == "Going deeper"]
    files = [file["file"] for file in part["chapters"]]
    return [file for file in files if "\n## Exercises\n" in source_of(file)]


def prefix(page: str) -> str:
    """What stands before the point in the numbers of a page: that of a chapter, or a letter."""
    if page in chapters():
        return str(chapters().index(page) + 1)
    return "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[deeper().index(page)]


def exercises(page: str) -> tuple[str, list[re.Match[str]]]:
    """Return the text before the exercises of a page, and these."""
    text, _, section = source_of(page).partition("\n## Exercises\n")
    return text, list(EXERCISE.finditer(section))


ASKING = [*chapters(), *deeper()]
assert len(deeper()) >= 12


@pytest.mark.parametrize("page", ASKING)
def test_numbers_rise_and_every_exercise_has_a_grade(page: str) -> None:
    _, found = exercises(page)
    everything = re.findall(r"^:+\{admonition\} Exercise\b", source_of(page), re.MULTILINE)
    assert len(found) == len(everything) >= 3
    assert [one["number"] for one in found] == [
        f"{prefix(page)}.{i}" for i in range(1, len(found) + 1)
    ]
    for one in found:
        assert one["grade"] in GRADES
        assert one["name"] == f"exercise-{one['number'].lower().replace('.', '-')}"


@pytest.mark.parametrize("page", chapters())
def test_a_chapter_goes_from_easy_to_one_research_question(page: str) -> None:
    grades = [one["grade"] for one in exercises(page)[1]]
    assert grades == sorted(grades, key=GRADES.index)
    assert set(grades) == set(GRADES)
    assert grades.count("research") == 1


@pytest.mark.parametrize("page", ASKING)
def test_every_exercise_is_linked_from_the_text_before_it(page: str) -> None:
    text, found = exercises(page)
    for one in found:
        links = re.findall(rf"\[([^\]]+)\]\(#{one['name']}\)", text)
        assert links, f"nothing leads to exercise {one['number']}"
        assert set(links) == {f"Exercise {one['number']}"}
    assert re.findall(r"\bexercises? \d+\b(?!\.\d)", text, re.IGNORECASE) == [], "an old number"


@pytest.mark.parametrize("page", ASKING)
def test_what_follows_an_exercise_is_what_its_grade_promises(page: str) -> None:
    for one in exercises(page)[1]:
        titles = re.findall(r"<summary>(.*?)</summary>", one["below"])
        assert titles == [title.format(one["number"]) for title in FOLDS[one["grade"]]]


@pytest.mark.parametrize("page", ASKING)
def test_a_research_question_starts_with_a_function_and_a_cell(page: str) -> None:
    for one in exercises(page)[1]:
        if one["grade"] == "research":
            assert re.search(r"`(?:lib\.[\w.]+|\w+)(?:\([^`]*\))?` of `lib\.|`lib\.", one["below"])
            assert "```{code-cell}" in one["below"], "a start runs with the page"


def test_the_grades_are_explained_once_and_every_page_leads_there() -> None:
    (first,) = [page for page in pages() if "\n(grades)=\n" in source_of(page)]
    assert first == chapters()[0]
    explained = source_of(first).partition("\n(grades)=\n")[2].partition(":::")[0]
    assert re.findall(r"^\| (\w+) \| [A-Z][^|]+\. \|$", explained, re.MULTILINE) == list(GRADES)
    for page in ASKING[1:]:
        section = source_of(page).partition("\n## Exercises\n")[2]
        assert "[grades](#grades)" in section.partition(":::")[0]


def folds_below(exercise: Tag) -> list[Tag]:
    """Return the folds between an exercise and the next one."""
    found = []
    for sibling in exercise.find_next_siblings():
        if "exercise" in sibling.get("class", []):
            break
        if sibling.name == "details":
            found.append(sibling)
    return found


@pytest.mark.parametrize("page", ASKING)
def test_on_the_page_everything_is_closed_and_a_hint_holds_its_solution(
    page: str, site: Path
) -> None:
    for exercise in article_of(page).select(".admonition.exercise"):
        (outer,) = folds_below(exercise)
        assert not outer.has_attr("open")
        assert outer.get_text(strip=True) != outer.summary.get_text(strip=True)
        if outer["class"] == ["hint"]:
            (inner,) = outer.find_all("details", class_="solution", recursive=False)
            assert not inner.has_attr("open")
            assert len(inner.get_text()) > 80
        else:
            assert outer["class"] in (["solution"], ["start"])
