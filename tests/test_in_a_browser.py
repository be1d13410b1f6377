"""What the package may import where Python runs inside a page: no processes, no SciPy at once."""

import subprocess
import sys

import pytest

EVERYTHING = """
import importlib, pkgutil, sys

class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {refused!r}:
            raise ModuleNotFoundError(f"no {{name}} here", name=name)

sys.meta_path.insert(0, Refuse())
import lib
for found in pkgutil.walk_packages(lib.__path__, "lib."):
    if not found.name.endswith("__main__"):
        importlib.import_module(found.name)
print(len([name for name in sys.modules if name.startswith("lib.")]))
"""


@pytest.mark.parametrize(
    "refused", [{"scipy"}, {"multiprocessing", "_multiprocessing"}], ids=["SciPy", "processes"]
)
def test_every_module_can_be_imported_without(refused: set[str]) -> None:
    run = subprocess.run(
        [sys.executable, "-c", EVERYTHING.format(refused=refused)], capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
    assert int(run.stdout) > 100
