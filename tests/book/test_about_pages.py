"""What stands around a page: with an address and without, with a repository and without."""

import datetime
import doctest
import json
import os
import shutil
import struct
import subprocess
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import about_pages
import pytest
from bs4 import BeautifulSoup
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace
from the_book import ROOT

REPOSITORY = "https://github.com/someone/book"
BASE = "https://someone.github.io/book"


def build(root: Path, **settings: object) -> Path:
    """Build a book of two pages with our extension, and return its site."""
    config = {
        "extensions": ["about_pages"],
        "html_theme": "sphinx_book_theme",
        "html_title": "A Book",
        "author": "Its authors",
        "copyright": "2026",
        "root_doc": "book/index",
        "exclude_patterns": ["_build"],
        "templates_path": [str(ROOT / "book/_templates")],
    }
    theme = {"article_footer_items": ["about-page"], **settings.pop("theme", {})}
    config |= {"html_theme_options": theme, **settings}
    site = root / "_build/html"
    shutil.rmtree(root / "_build", ignore_errors=True)
    with docutils_namespace():
        Sphinx(root, None, site, root / "_build/.doctrees", "html", config, status=None).build()
    return site


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Write the sources."""
    (tmp_path / "book").mkdir()
    (tmp_path / "book/index.rst").write_text("Home\n====\n\nHello.\n\n.. toctree::\n\n   deep\n")
    (tmp_path / "book/deep.rst").write_text("Deep & <wide>\n=============\n\nWhat fades? All.\n")
    (tmp_path / "pyproject.toml").write_text('[project]\nversion = "1.2.3"\n')
    return tmp_path


def soup(file: Path) -> BeautifulSoup:
    return BeautifulSoup(file.read_text(encoding="utf-8"), "html.parser")


def told(page: BeautifulSoup) -> dict[str, str]:
    tags = page.find_all("meta", content=True)
    return {tag.get("property") or tag.get("name"): tag["content"] for tag in tags}


def test_without_an_address_a_page_says_what_it_is_and_points_nowhere(project: Path) -> None:
    site = build(project)
    page = soup(site / "book/deep.html")
    tags = told(page)
    assert tags["description"] == tags["og:description"] == "What fades? All."
    assert tags["og:title"] == "Deep & <wide>"
    assert not {"og:url", "og:image"} & tags.keys()
    assert page.select("link[rel=canonical]") == []
    assert not (site / "sitemap.xml").exists()
    assert not (site / "_static/cards").exists()
    data = json.loads(page.select_one("script[type='application/ld+json']").string)
    assert data["name"] == "Deep & <wide>"
    assert data["isPartOf"] == {"@type": "Book", "name": "A Book"}
    assert "url" not in data
    foot = page.select_one(".bd-footer-article")
    assert "“Deep & <wide>.” In A Book, version 1.2.3." in " ".join(foot.get_text().split())
    assert "Version 1.2.3" in foot.get_text()
    assert "Last changed" not in foot.get_text()  # no git
    assert foot.find_all("a") == []
    first = soup(site / "index.html")
    assert first.find("meta", {"http-equiv": "refresh"})["content"] == "0; url=book/index.html"
    assert first.title.string == "A Book"


def test_with_addresses_a_page_names_them_and_is_the_same_twice(project: Path) -> None:
    theme = {"repository_url": REPOSITORY, "repository_branch": "main"}
    sites = []
    for _ in range(2):
        site = build(project, theme=theme, html_baseurl=BASE + "/")
        files = sorted(path for path in site.rglob("*") if path.is_file())
        sites.append({str(path.relative_to(site)): path.read_bytes() for path in files})
    assert sites[0] == sites[1]
    page = soup(site / "book/deep.html")
    tags = told(page)
    address = f"{BASE}/book/deep.html"
    assert tags["og:url"] == address
    assert page.select_one("link[rel=canonical]")["href"] == address
    assert tags["og:image"] == f"{BASE}/_static/cards/book/deep.png"
    card = (site / "_static/cards/book/deep.png").read_bytes()
    assert struct.unpack(">II", card[16:24]) == (1200, 630)
    links = {a.get_text(): a["href"] for a in page.select(".bd-footer-article a")}
    assert links["Edit this page"] == f"{REPOSITORY}/edit/main/book/deep.md"
    assert links["Report a problem"].startswith(
        f"{REPOSITORY}/issues/new?title=Deep%20%26%20%3Cwide%3E"
    )
    assert address in page.select_one(".about-page pre").get_text()
    places = ElementTree.parse(site / "sitemap.xml").findall(".//{*}loc")
    assert [place.text for place in places] == [f"{BASE}/book/index.html", address]
    assert 'const root = "/book/"' in (site / "404.html").read_text(encoding="utf-8")


def test_dates_are_those_of_the_last_commit_of_each_file(tmp_path: Path) -> None:
    def git(*words: str, day: str = "2026-01-01") -> None:
        stamp = f"{day}T12:00:00Z"
        names = {
            f"GIT_{who}_{what}": "x"
            for who in ("AUTHOR", "COMMITTER")
            for what in ("NAME", "EMAIL")
        }
        when = {"GIT_AUTHOR_DATE": stamp, "GIT_COMMITTER_DATE": stamp}
        subprocess.run(
            ["git", "-C", tmp_path, *words],
            check=True,
            capture_output=True,
            env=os.environ | names | when,
        )

    assert about_pages.dates_of(tmp_path) == {}
    git("init", "--quiet")
    for day, names in (("2026-02-03", ["a.md", "b.md"]), ("2026-04-05", ["b.md"])):
        for name in names:
            (tmp_path / name).write_text(day)
        git("add", ".")
        git("commit", "--quiet", "-m", "x", day=day)
    days = {"a.md": datetime.date(2026, 2, 3), "b.md": datetime.date(2026, 4, 5)}
    assert about_pages.dates_of(tmp_path) == days
    copy = tmp_path / "shallow"
    git("clone", "--quiet", "--depth", "1", tmp_path.as_uri(), str(copy))
    assert about_pages.dates_of(copy) == {}


def test_hosts_of_repositories(project: Path) -> None:
    def links(repository: str) -> list[str]:
        return list(about_pages.links_to_source(repository, "main", "book/a", "A").values())

    assert (
        links("https://gitlab.com/me/book")[1] == "https://gitlab.com/me/book/-/edit/main/book/a.md"
    )
    assert links("https://example.org/me/book") == links("") == []


def test_examples_run() -> None:
    assert doctest.testmod(about_pages).failed == 0
