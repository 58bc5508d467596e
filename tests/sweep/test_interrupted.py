"""Ctrl-C at any moment: exit code 130, one line that tells how to go on, no traceback, whatever was under way."""

import subprocess
import sys

import pytest

# The interrupt comes when a module is first asked for: as deep in an import as a person's hand can hit.
WHILE_IMPORTING = """
import signal, sys
class Hand:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            signal.raise_signal(signal.SIGINT)
sys.meta_path.insert(0, Hand())
from earmark.cli import main
sys.exit(main(["prompt", "tier=notes", "task=piano_c4"]))
"""
# Libraries that compose configurations meet an interrupt half-way, and what they raise then is their own.
WHILE_A_LIBRARY_TURNS_IT = """
import signal, sys
from hydra.errors import HydraException
from earmark import config, cli
def composed(words):
    try:
        signal.raise_signal(signal.SIGINT)
    finally:
        raise HydraException("")
config._composed = composed
sys.exit(cli.main(["prompt", "tier=notes", "task=piano_c4"]))
"""


@pytest.mark.parametrize(
    "code",
    [WHILE_IMPORTING.format(module="pydantic"), WHILE_IMPORTING.format(module="omegaconf"), WHILE_A_LIBRARY_TURNS_IT],
    ids=["pydantic", "omegaconf", "composing"],
)
def test_an_interrupt_is_one_line(code: str) -> None:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 130
    assert done.stderr == "\nearmark: interrupted; what was finished is saved. The same line again does only what is missing.\n"
    assert done.stdout == ""


def test_the_package_runs_as_a_module() -> None:
    done = subprocess.run([sys.executable, "-m", "earmark", "--version"], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0
    assert done.stdout.startswith("earmark ")
