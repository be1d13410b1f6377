"""What a release needs: the address of a fork, the entry of the changelog, the files to offer.

Run by the Makefile: ``make address REPOSITORY=https://... SITE=https://...`` and
``make release TAG=v0.1.0``.
"""

import argparse
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from archives import write_archive

ROOT = Path(__file__).resolve().parents[1]


def version(root: Path = ROOT) -> str:
    """Return the version, which stands in pyproject.toml."""
    settings = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    found: str = settings["project"]["version"]
    return found


def notes(changelog: str, wanted: str) -> str:
    """Return the entry of a version in a changelog.

    Raises
    ------
    ValueError
        If there is none, or if it is empty.
    """
    entry = re.search(
        rf"^## {re.escape(wanted)}(?!\S)[^\n]*\n(.*?)(?=^## |\Z)", changelog, re.M | re.S
    )
    if entry is None or not entry.group(1).strip():
        raise ValueError(f"CHANGELOG.md has no entry for version {wanted}")
    return entry.group(1).strip() + "\n"


def with_address(config: str, repository: str) -> str:
    """Return the text of _config.yml with the address of another repository.

    Raises
    ------
    ValueError
        If `repository` is not the https address of a repository, or there is no place for it.
    """
    if not re.fullmatch(r"https://[\w.-]+/[\w.-]+/[\w.-]+", repository):
        raise ValueError(
            f"REPOSITORY={repository!r} is no address such as https://github.com/me/book"
        )
    place = re.compile(r"(?<=^repository:\n  url: )\S+$", re.MULTILINE)
    text, count = place.subn(repository, config)
    if count != 1:
        raise ValueError("_config.yml does not begin its repository with one url")
    return text


def with_site(config: str, site: str) -> str:
    """Return the text of _config.yml with the address under which the site is published.

    Raises
    ------
    ValueError
        If `site` is no address of http or https, or there is no place for it.
    """
    if not re.fullmatch(r"https?://[\w.-]+(:\d+)?(/[\w.-]+)*/?", site):
        raise ValueError(f"SITE={site!r} is no address such as https://me.github.io/book")
    place = re.compile(r"(?<=^  baseurl: )\S+$", re.MULTILINE)
    text, count = place.subn(f'"{site.rstrip("/")}/"', config)
    if count != 1:
        raise ValueError("_config.yml does not have one baseurl")
    return text


def write_zip(folder: Path, target: Path) -> None:
    """Write the files of a folder into an archive."""
    files = sorted(one for one in folder.rglob("*") if one.is_file())
    write_archive(target, ((one.relative_to(folder).as_posix(), one.read_bytes()) for one in files))


def pack(tag: str) -> None:
    """Write wheel, site, notebooks, e-book and notes of a release into _build."""
    if tag != f"v{version()}":
        raise ValueError(f"TAG={tag!r} is not v{version()}, the version in pyproject.toml")
    folder = ROOT / "_build/release"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    text = notes((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), version())
    (ROOT / "_build/notes.md").write_text(text, encoding="utf-8")
    subprocess.run([sys.executable, "-m", "build", "--wheel", "--outdir", folder, ROOT], check=True)
    for name, source in {"book": "_build/html", "notebooks": "_build/notebooks"}.items():
        write_zip(ROOT / source, folder / f"vanishing-gradients-{name}-{tag}.zip")
    shutil.copyfile(
        ROOT / "_build/vanishing-gradients.epub", folder / f"vanishing-gradients-{tag}.epub"
    )


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repository")
    parser.add_argument("--site")
    parser.add_argument("--tag")
    said = parser.parse_args()
    config = ROOT / "_config.yml"
    if said.repository or (said.repository is not None and not said.site):
        text = with_address(config.read_text(encoding="utf-8"), said.repository)
        config.write_text(text, encoding="utf-8")
    if said.site:
        text = with_site(config.read_text(encoding="utf-8"), said.site)
        config.write_text(text, encoding="utf-8")
    if said.tag is not None:
        pack(said.tag)


if __name__ == "__main__":
    try:
        main()
    except ValueError as error:
        sys.exit(str(error))
