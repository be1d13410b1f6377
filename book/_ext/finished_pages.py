"""The pages of a finished site, for the steps that change them at the end of a build."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sphinx.application import Sphinx

from lib._files import replacing


@dataclass(frozen=True)
class FinishedPage:
    """A page as it was read: where it is, where it is within the site, and its HTML."""

    path: Path
    place: Path
    html: str

    @property
    def root(self) -> str:
        """Return the way from the page to the entrance of the site, such as "../"."""
        return "../" * (len(self.place.parts) - 1)

    def rewrite(self, html: str) -> None:
        """Write the page anew, whole or not at all, if it has changed."""
        if html != self.html:
            with replacing(self.path) as opened:
                opened.write(html.encode())


def is_finished(app: Sphinx, exception: Exception | None) -> bool:
    """Tell whether a build has written a site."""
    return exception is None and app.builder.format == "html"


def pages_in(folder: Path) -> Iterator[FinishedPage]:
    """Read the pages of a site in order, without what the tools bring along."""
    for path in sorted(folder.rglob("*.html")):
        place = path.relative_to(folder)
        if place.parts[0] != "_static":
            yield FinishedPage(path, place, path.read_bytes().decode())
