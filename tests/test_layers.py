"""The layers hold: imports go only leftwards, stages never import each other, and heavy libraries
stay where they are needed.
"""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import earmark

PACKAGE = Path(earmark.__file__).parent

# Left to right, at most ten. Rooms of one layer do not import each other. `config.schema` is a
# record and stands on the ground; the rest of `config` builds everything and stands above it.
LAYERS: tuple[tuple[str, ...], ...] = (
    ("earmark", "records", "errors", "paths", "identity", "config.schema"),
    ("storage", "audio", "tasks"),
    ("strategies", "models", "extract", "sandbox", "embedders", "references", "checks"),
    ("metrics",),
    ("pipeline",),
    ("analysis",),
    ("run", "report"),
    ("tracking", "config"),
    ("sweep", "tuning", "testing"),
    ("commands", "cli"),
)
LAYER_OF = {name: at for at, names in enumerate(LAYERS) for name in names}


def room(module: str) -> str:
    """The room of a module: its first name below the package."""
    parts = module.split(".")
    if parts[1:3] == ["config", "schema"]:
        return "config.schema"
    return parts[1] if len(parts) > 1 else "earmark"


def imported(source: str) -> Iterator[str]:
    """Every earmark module that a source text imports, also inside functions."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.split(".")[0] == "earmark")
        elif (
            isinstance(node, ast.ImportFrom)
            and node.module
            and node.module.split(".")[0] == "earmark"
        ):
            # `from earmark import paths` names modules; `from earmark.records import Task` names
            # what is in one.
            yield from (
                [f"earmark.{alias.name}" for alias in node.names]
                if node.module == "earmark"
                else [node.module]
            )


def violations(here: str, source: str) -> list[str]:
    """What a module of room `here` may not import."""
    rooms = {room(name) if room(name) in LAYER_OF else "earmark" for name in imported(source)}
    if here in LAYERS[0]:  # the ground is one room of several files
        rooms -= {"records", "errors", "paths", "identity", "config.schema"}
    return sorted(other for other in rooms if other != here and LAYER_OF[other] >= LAYER_OF[here])


SOURCES = sorted(
    path for path in PACKAGE.rglob("*.py") if not {"programs", "examples"} & set(path.parts)
)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_go_leftwards(path: Path) -> None:
    relative = path.relative_to(PACKAGE).with_suffix("")
    here = room(".".join(("earmark", *relative.parts)))
    here = {"__init__": "earmark", "__main__": "cli"}.get(here, here)
    assert here in LAYER_OF, f"{here} is a room without a layer: place it in LAYERS"
    assert violations(here, path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("here", "source"),
    [
        ("models", "from earmark.sandbox import Sandbox"),
        ("records", "def f():\n    from earmark import archive"),
        ("tasks", "import earmark.pipeline"),
        ("pipeline", "from earmark.config.compose import build"),
    ],
)
def test_a_wrong_import_is_seen(here: str, source: str) -> None:
    assert violations(here, source) != []


def test_import_is_light_and_silent() -> None:
    heavy = ("torch", "mlflow", "litellm", "transformers", "optuna")
    code = f"import earmark.cli, sys; print(sorted(set({heavy}) & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("[]\n", "")
