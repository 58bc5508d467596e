"""The built wheel in an empty folder, away from any checkout, with configuration files and a class
of the user's own.
"""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MODEL = '''
import numpy as np
from earmark.records import Completion

PROGRAM = """```python
import numpy as np, soundfile as sf
sf.write("out.wav", {level} * np.sin(np.arange(44100) / 16), 44100)
```"""


class Beep:
    identity = {"name": "beep"}

    def __init__(self, *, name: str, level: float) -> None:
        self.name, self.level = name, level

    def complete(self, request):
        text = PROGRAM.replace("{level}", str(self.level))
        asked = request.sampling
        return Completion(text, self.name, "stop", 1, 1, 0.1, 0.0, requested=asked, effective=asked)

    def close(self):
        pass
'''
FILES = {
    "conf/model/beep.yaml": "_target_: my_sounds.models.Beep\nname: beep\nlevel: 0.4\n",
    "conf/tier/drums.yaml": "\n".join(
        (
            "name: drums\nlimit: null\nonly: null\nsplit: all\ntasks:",
            "  - {id: kick, caption: a kick, prompt: A kick., seconds: 1, spec: {onsets: [0]}}",
            "  - {id: snare, caption: a snare, prompt: A snare., seconds: 1, spec: {onsets: [0]}}",
        )
    ),
    "packages/my_sounds/__init__.py": "",
    "packages/my_sounds/models.py": MODEL,
}
SMALL = ("embedder=none", "reference=none", "tier.limit=1", "name=own")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the package as the wheel holds it."""
    built = tmp_path_factory.mktemp("wheel")
    line = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", str(built), str(ROOT)]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    if done.returncode and "No matching distribution" in done.stderr:
        pytest.skip("pip finds no hatchling, which builds the wheel: allow it a package index")
    assert done.returncode == 0, done.stderr
    [path] = built.glob("earmark-*.whl")
    with zipfile.ZipFile(path) as packed:
        packed.extractall(built / "site")
    return built / "site"


@pytest.fixture
def own(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def earmark(*words: str, wheel: Path, folder: Path, **variables: str) -> tuple[int, str]:
    environment = {
        **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
        "PYTHONPATH": f"{wheel}:{folder / 'packages'}",
        "EARMARK_CACHE": str(folder / "cache"),
        **variables,
    }
    line = [sys.executable, "-m", "earmark.cli", *words]
    done = subprocess.run(
        line, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.long
def test_the_wheel_runs_a_sweep_of_the_users_own_in_an_empty_folder(wheel: Path, own: Path) -> None:
    line = ("--config-dir", "conf", "-m", "model=beep,silence", "tier=drums,notes", *SMALL)
    code, text = earmark(*line, wheel=wheel, folder=own)
    assert code == 1
    assert "model._target_: a class must be of earmark, got my_sounds.models.Beep" in text
    assert "set EARMARK_PLUGINS=my_sounds" in text

    code, text = earmark(*line, wheel=wheel, folder=own, EARMARK_PLUGINS="my_sounds")
    assert code == 0, text
    assert "4/4 runs" in text
    runs = sorted(path.parent.name[:10] for path in own.glob("multirun/own/*/run.json"))
    assert runs == ["beep-drums", "beep-notes", "silence-dr", "silence-no"]
    assert (own / "mlflow.db").is_file()
    assert (own / "multirun" / "own" / "leaderboard.html").is_file()

    code, text = earmark(*line, wheel=wheel, folder=own, EARMARK_PLUGINS="my_sounds")
    assert "all 4 runs are finished; nothing to do" in text
    code, text = earmark("--config-dir", "conf", "tasks", wheel=wheel, folder=own)
    assert "  kick " in text
