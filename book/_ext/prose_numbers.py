"""Numbers in the prose: what JupyterLab asks the kernel for, the build takes from the cells.

``{eval}`glue.share` `` and ``{eval}`f"{glue.share:.1%}"` `` are evaluated by JupyterLab when a
paragraph is run. MyST-NB evaluates nothing in a chapter whose outputs are stored, but it has what
the cells have glued (see ``lib.prose``).
"""

import re
from typing import Any

from docutils import nodes
from myst_nb.core.variables import create_warning
from myst_nb.ext.glue.roles import PasteTextRole
from sphinx.application import Sphinx

PLAIN = re.compile(r"glue\.(?P<name>[A-Za-z]\w*)")
ROUNDED = re.compile(r'f"\{glue\.(?P<name>[A-Za-z]\w*):(?P<how>[^{}"!:]+)\}"')


class KeptNumber(PasteTextRole):  # type: ignore[misc]  # MyST-NB has no types
    """A number that a cell has kept, in one of two forms."""

    text: str

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Return the number as text."""
        found = PLAIN.fullmatch(self.text) or ROUNDED.fullmatch(self.text)
        if found is None:
            asked = f'{{eval}} takes glue.name or f"{{glue.name:.1f}}", not {self.text}'
            return [], [create_warning(asked, self.document, self.line, subtype="glue")]
        self.text = ":".join(found.groups())
        return super().run()  # type: ignore[no-any-return]


def setup(app: Sphinx) -> dict[str, Any]:
    """Take the place of MyST-NB's own role."""
    app.add_role("eval", KeptNumber(), override=True)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
