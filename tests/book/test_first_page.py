"""Only the first page has the style and the script of the first page."""

from types import SimpleNamespace

import first_page


def added(page: str) -> list[str]:
    files: list[str] = []
    app = SimpleNamespace(
        add_css_file=files.append,
        add_js_file=files.append,
    )
    first_page.dress(app, page, "page.html", {}, None)
    return files


def test_the_first_page_alone_is_dressed():
    assert added("book/index") == ["first-page.css", "first-page.js"]
    assert added("book/sigmoid") == []
    assert added("search") == []
