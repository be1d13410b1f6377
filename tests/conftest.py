"""What the tests of the built book share."""

from pathlib import Path

import pytest
from the_book import SITE


@pytest.fixture(scope="session")
def site() -> Path:
    """Return the folder of the built book."""
    if not (SITE / "index.html").is_file():
        pytest.fail("The book is not built: run `make book` first.")
    return SITE
