"""What the entry point sets for its process, and leaves alone where a person has set it."""

import os
import subprocess
import sys

import pytest

ENTER = """
import sys
from earmark.cli import entry
sys.argv = ["earmark", "--version"]
assert entry() == 0
import numpy, threadpoolctl
print([one["num_threads"] for one in threadpoolctl.threadpool_info() if one["user_api"] == "blas"])
"""


@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="one processor has one thread")
@pytest.mark.parametrize(
    ("given", "threads"),
    [({}, "[1]"), ({"OMP_NUM_THREADS": "2"}, "[2]"), ({"OPENBLAS_NUM_THREADS": "2"}, "[2]")],
    ids=["nothing", "OMP", "OpenBLAS"],
)
def test_products_of_numpy_take_one_thread_unless_more_are_asked_for(
    given: dict[str, str], threads: str
) -> None:
    ours = {"OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"}
    environment = {name: value for name, value in os.environ.items() if name not in ours} | given
    done = subprocess.run(
        [sys.executable, "-c", ENTER], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == threads
