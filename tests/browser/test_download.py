"""A notebook that is downloaded from a page installs the book from where the page is."""

import json

import portable_notebooks
from the_book import ROOT
from visits import Visit


def test_the_first_cell_names_the_site_that_it_came_from(visit: Visit) -> None:
    page = visit.open("book/rrelu")
    page.locator(".dropdown-download-buttons > button").click()
    with page.expect_download() as download:
        page.locator("a.btn-download-notebook-button").click()
    assert download.value.suggested_filename == "rrelu.ipynb"
    notebook = json.loads(download.value.path().read_text(encoding="utf-8"))
    wheel = f"{visit.address}/_static/wheels/{portable_notebooks.wheel_name(ROOT)}"
    assert f'BOOK = "{wheel}"' in "".join(notebook["cells"][0]["source"]).split("\n")
    assert page.request.get(wheel).ok
    assert visit.problems == []
