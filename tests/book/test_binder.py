"""What Binder would build, told by repo2docker itself; no container engine is needed."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from the_book import ROOT, SITE, pages, soup_of, source_of


@pytest.fixture(scope="module")
def plan() -> str:
    """Return what repo2docker prints: the build pack that it picks, and the Dockerfile."""
    tracked = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert {"requirements.txt", "runtime.txt", "postBuild", "pyproject.toml"} <= set(
        tracked.split()
    )
    program = Path(sys.executable).with_name("repo2docker")
    command = [program, "--no-build", "--debug", ROOT]
    result = subprocess.run(command, capture_output=True, text=True, check=True, timeout=3000)
    return result.stdout + result.stderr


def test_python_and_requirements_are_found(plan: str) -> None:
    assert "python=3.11" in plan
    installs = re.findall(r"^RUN .*pip install (.*)$", plan, re.MULTILINE)
    assert any('-r "requirements.txt"' in install for install in installs)


def test_requirements_install_the_package_after_the_sources_are_there(plan: str) -> None:
    assert (ROOT / "requirements.txt").read_text().rstrip().endswith("\n-e .")
    assert plan.index("COPY --chown=0:0 src/ ") < plan.index('-r "requirements.txt"')


def test_post_build_runs(plan: str) -> None:
    assert re.search(r"^RUN chmod \+x postBuild", plan, re.MULTILINE)
    assert (ROOT / "postBuild").stat().st_mode & 0o111


def test_the_rocket_of_each_chapter_opens_that_chapter(site: Path) -> None:
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    repository = config["repository"]["url"].removeprefix("https://github.com/")
    start = f"https://mybinder.org/v2/gh/{repository}/{config['repository']['branch']}"
    with_code = [page for page in pages() if "{code-cell}" in source_of(page)]
    assert len(with_code) > 5
    for page in with_code:
        soup = soup_of(SITE / f"{page}.html")
        links = [a["href"] for a in soup.select(".dropdown-launch-buttons a")]
        assert f"{start}?urlpath=lab/tree/{page}.md" in links


def test_the_address_of_the_repository_stands_in_one_place() -> None:
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    repository = config["repository"]["url"].removeprefix("https://")
    tracked = subprocess.run(
        ["git", "grep", "-l", "--untracked", repository, "--", ":!tests"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    assert tracked == ["_config.yml"]
