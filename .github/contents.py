"""What the printed book and the e-book share: their pages in order, and what the book is."""

import argparse
import tomllib
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[1]


def pages_of(toc: dict[str, Any]) -> list[str]:
    """Return the pages of a table of contents, without the entries of the library.

    Examples
    --------
    >>> api = {"file": "api", "sections": [{"file": "api/chains"}]}
    >>> pages_of({"root": "index", "parts": [{"chapters": [{"file": "relu"}, api]}]})
    ['index', 'relu', 'api']
    """
    return [toc["root"], *(file["file"] for part in toc["parts"] for file in part["chapters"])]


def read_yaml(name: str, root: Path = ROOT) -> dict[str, Any]:
    """Return a file of settings."""
    found: dict[str, Any] = yaml.safe_load((root / name).read_text(encoding="utf-8"))
    return found


def command_line(description: str | None, suffix: str) -> argparse.Namespace:
    """Read from the command line where the site is, where the book goes, and which pages it has."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--site", type=Path, default=ROOT / "_build/html")
    target = ROOT / f"_build/vanishing-gradients.{suffix}"
    parser.add_argument("--output", type=Path, default=target)
    parser.add_argument("pages", nargs="*")
    return parser.parse_args()


def about_book(root: Path = ROOT) -> dict[str, str]:
    """Return title, author, edition and address; no address is an empty one."""
    config = read_yaml("_config.yml", root)
    settings = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    base = config["html"].get("baseurl", "").rstrip("/")
    return {
        "title": config["title"],
        "author": config["author"],
        "edition": f"Version {settings['project']['version']}, {config['copyright']}",
        "site": f"{base}/" if base else "",
        "repository": config["repository"]["url"],
    }
