"""The plan of every lesson has all of its parts, and each link opens one thing alone."""

import re
from itertools import pairwise
from pathlib import Path

import pytest
from asked import markdown
from the_book import SITE, chapters, soup_of, source_of

PAGE = "book/teaching"
ALONE = re.compile(r'<a href="([\w-]+)\.html\?only=([\w-]+)">([^<]+)</a>')


def lessons() -> list[str]:
    section = source_of(PAGE).partition("\n## Nine lessons\n")[2].partition("\n## ")[0]
    return re.split(r"^### ", section, flags=re.MULTILINE)[1:]


def test_every_chapter_has_a_lesson_in_its_order() -> None:
    found = [re.match(r"Lesson (\d+): \[[^\]]+\]\(([\w-]+)\.md\)\n", one) for one in lessons()]
    assert [(one[1], f"book/{one[2]}") for one in found if one] == [
        (str(i), page) for i, page in enumerate(chapters(), start=1)
    ]


@pytest.mark.parametrize("page", chapters())
def test_a_lesson_has_its_parts_and_a_break_in_the_middle(page: str) -> None:
    lesson = lessons()[chapters().index(page)]
    for part in ("*Aim:* ", "*Often wrong:* ", "*Home:* "):
        assert lesson.count(f"\n{part}") == 1
    spans = [tuple(map(int, span)) for span in re.findall(r"^\| (\d+)–(\d+) \|", lesson, re.M)]
    assert spans[0][0] == 0
    assert spans[-1][1] == 90
    assert 45 in dict(spans)
    assert all(one[1] == other[0] for one, other in pairwise(spans))
    links = ALONE.findall(lesson)
    assert {f"book/{where}" for where, _, _ in links} == {page}
    words = [word for _, _, word in links]
    assert len(set(words)) == len(words), "two links read the same"
    assert sum(word.startswith("question: ") for word in words) == 3
    for once in ("prediction", "missing line", "task"):
        assert words.count(once) == 1
    home = lesson.partition("\n*Home:* ")[2]
    number = chapters().index(page) + 1
    assert re.search(rf"\[Exercise {number}\.\d\]\(#exercise-{number}-", home)


def test_every_link_opens_what_its_word_says(site: Path) -> None:
    problems = []
    for where, name, word in ALONE.findall(source_of(PAGE)):
        soup = soup_of(SITE / f"book/{where}.html")
        found = soup.find(id=name)
        wanted = {
            "prediction": ".prediction .question", "question": ".question:not(.prediction *)",
            "missing line": ".question", "task": ".task",
        }.get(word.partition(":")[0], "figure")  # fmt: skip
        if found is None or found not in soup.select(wanted):
            problems.append((where, name, word))
    assert problems == []


def bare(text: str) -> str:
    """What is left of an answer without its markup."""
    return re.sub(r"[\s`$.]|\\[()]", "", text)


@pytest.mark.parametrize("page", chapters())
def test_the_answers_of_a_lesson_are_those_of_the_page(page: str, site: Path) -> None:
    lesson = lessons()[chapters().index(page)]
    rows = [line.split(" | ") for line in lesson.partition("</summary>")[2].splitlines()[4:]]
    told = {row[0].removeprefix("| "): row[1] for row in rows if len(row) == 4}
    html = soup_of(SITE / f"{page}.html")
    asked = {}
    for _, name, word in ALONE.findall(lesson):
        answer = html.select_one(f"#{name} .question-answer")
        if answer and word in ("prediction", "missing line"):
            asked[word] = answer.select_one("code" if word == "missing line" else "strong")
        elif answer and word.startswith("question: "):
            asked[word.removeprefix("question: ")] = answer.strong
    assert {word: bare(right) for word, right in told.items()} == {
        word: bare(markdown(right).strip("*")) for word, right in asked.items()
    }
