"""A sweep scored by the stand-in starts without the libraries that take longest to import."""

import os
import subprocess
import sys

import pytest

from earmark.embedders.minilm import MiniLm
from earmark.embedders.yamnet import Yamnet

LINE = ("model=noise", "tier=notes", "tier.limit=2", "embedder=yamnet_minilm", "name=light")
CODE = """
import sys
from earmark.cli import main
code = main(sys.argv[1:])
heavy = {
    *("torch", "transformers", "onnx", "librosa", "numba", "mlflow", "matplotlib", "scipy.signal"),
}
print("imported:", code, sorted(heavy & set(sys.modules)))
"""


@pytest.mark.parts
def test_a_line_scored_by_the_stand_in_imports_nothing_heavy(tmp_path):
    MiniLm().embed(["rain"])  # where this machine never did, its graph is made
    Yamnet().load()
    done = subprocess.run(
        [sys.executable, "-c", CODE, *LINE],
        env={**os.environ, "EARMARK_ROOT": str(tmp_path)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.splitlines()[-1:] == ["imported: 0 []"], done.stderr[-2000:]
