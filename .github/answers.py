"""Questions of the e-book as text, with their hints, answers and solutions at the chapter's end."""

from bs4 import Tag

# What is moved, and what a link to it calls it.
ANSWERS = {
    "question-hint": "hint",
    "task-hint": "hint",
    "hint": "hint",
    "question-answer": "answer",
    "task-solution": "solution",
    "solution": "solution",
    "start": "start",
}
MOVED = ", ".join(f"details.{name}" for name in ANSWERS)


def new(name: str, text: str = "", /, **about: str) -> Tag:
    """Return a new element."""
    made = Tag(name=name, attrs={key.rstrip("_"): value for key, value in about.items()})
    made.string = text
    return made


def as_text(article: Tag) -> None:
    """Turn forms into text, and number the questions."""
    for number, question in enumerate(article.select(".question"), 1):
        word = question.select_one(".question-word")
        name = {"Predict": "Prediction"}.get(word.get_text(), word.get_text())
        word.string = f"{name} {number}."
        word.name = "strong"
        options = question.select(".question-option")
        if options:
            listed = new("ol", class_="options")
            options[0].insert_before(listed)
            for option in options:
                label = option.label.extract()
                label.name, label.attrs = "li", {}
                listed.append(label)
                option.decompose()
        for line in question.select(".question-line"):
            asked = line.select_one(".question-in, .question-unit")
            line.replace_with(asked.wrap(new("p")) if asked else "")
    for one in article.select("form, fieldset"):
        one.unwrap()
    for one in article.select("input, select, textarea, output"):
        one.decompose()
    for one in article.select("legend, label"):
        one.name, one.attrs = "p", {}


def move_symbols(article: Tag) -> None:
    """Move the list of symbols to the end."""
    for aside in article.select("details.symbols-aside"):
        title = aside.summary.extract().get_text()
        see = new("p", class_="see")
        see.append(new("a", title, href="#symbols-of-chapter"))
        aside.insert_before(see)
        aside.insert(0, new("h2", title))
        aside.name, aside.attrs = "section", {"id": "symbols-of-chapter"}
        article.section.append(aside.extract())


def shorten(answer: Tag) -> None:
    """Leave out of the list of other answers what the answer says already."""
    said = answer.find("p")
    for typed in said.find_next_siblings("p"):
        typed.decompose()  # how a line is typed
    for other in answer.select(".question-others > .question-right"):
        if " ".join(other.get_text().split()) in " ".join(said.get_text().split()):
            other.decompose()
    for empty in answer.select(".question-others"):
        if not empty.find("li"):
            empty.decompose()


def move_answers(article: Tag) -> None:
    """Move hints, answers and solutions to the end, with links there and back."""
    owners: dict[int, tuple[Tag, list[Tag]]] = {}
    for details in article.select(MOVED):
        if details.find_parent(lambda one: one.name == "details" and "aside" not in one["class"]):
            continue
        owner = details.find_parent(class_=["question", "task"])
        owner = owner or details.find_previous(class_="exercise")
        owners.setdefault(id(owner), (owner, []))[1].append(details)
    if not owners:
        return
    end = new("section", id="answers-of-chapter")
    end.append(new("h2", "Answers and solutions"))
    for number, (owner, answers) in enumerate(owners.values(), 1):
        kinds = list(dict.fromkeys(ANSWERS[one["class"][0]] for one in answers))
        entry = new("section", class_="answer", id=f"answer-{number}")
        heading = new("h3")
        heading.append(new("a", name_of(owner), href=f"#asked-{number}"))
        entry.append(heading)
        for details in answers:
            if "question-answer" in details["class"]:
                shorten(details)
            entry.append(details.extract())
        see = new("p", class_="see", id=f"asked-{number}")
        see.append(new("a", " and ".join(kinds).capitalize(), href=f"#answer-{number}"))
        owner.append(see)
        end.append(entry)
    symbols = article.find(id="symbols-of-chapter")
    if symbols:
        symbols.insert_before(end)
    else:
        article.section.append(end)


def name_of(owner: Tag) -> str:
    """Return what a question, a task or an exercise is called."""
    if "question" in owner["class"]:
        return owner.select_one(".question-word").get_text().rstrip(".")
    if "task" in owner["class"]:
        aside = owner.find_parent("details")
        return aside.summary.get_text() if aside else "Task"
    return owner.select_one(".admonition-title").get_text()
