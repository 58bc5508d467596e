"""Sources that are hostile before they run: each ends as one Execution, and the worker lives on."""

import pytest

from earmark.records import Program
from tests.sandbox.hostile_judge import kind_of
from tests.sandbox.hostile_sandboxes import ISOLATIONS, open_sandbox

FINE = """import numpy as np, soundfile
soundfile.write('out.wav', np.sin(np.arange(44100) / 9), 44100)
"""
BROKEN = {
    "nothing": "",
    "a zero byte": "x = 1\0",
    "a lone surrogate": "x = '\ud800'",
    "a syntax error": "def x(:\n",
    "a deep nest": "(" * 5000 + ")" * 5000,
    "a deep sum": "x = " + "+".join(["1"] * 20000),
    "a long line": "x = '" + "a" * 3_000_000 + "'",
}
WHOLE = {
    "a byte order mark": "\ufeff" + FINE,
    "Windows newlines": FINE.replace("\n", "\r\n"),
    "a coding that hides code": "# -*- coding: utf-7 -*-\n# +AAo-raise ValueError()\n" + FINE,
    "a coding that it is not in": "# coding: latin-1\nassert len('é') == 1\n" + FINE,
    "a coding that does not exist": "# -*- coding: no-such-thing -*-\n" + FINE,
    "a future import": "from __future__ import annotations\n" + FINE,
    "a main guard": "if __name__ == '__main__':\n"
    + "".join(f"    {line}\n" for line in FINE.splitlines()),
    "its own pickled class": "import pickle\nclass A: pass\npickle.loads(pickle.dumps(A()))\n"
    + FINE,
    "names in other scripts": "größe = 'é — ノ'\nprint(größe)\n" + FINE,
}


@pytest.fixture(scope="module", params=ISOLATIONS)
def sandbox(request):
    with open_sandbox(request.param) as made:
        yield made


@pytest.mark.parametrize("case", BROKEN)
def test_a_source_that_cannot_run_ends_as_a_failure_and_the_next_one_runs(sandbox, case, tmp_path):
    kind = kind_of(sandbox.execute(Program(BROKEN[case]), folder=tmp_path), limits=sandbox.limits)
    assert kind in {"runtime_error", "no_file", "crashed", "memory"}
    assert kind_of(sandbox.execute(Program(FINE), folder=tmp_path), limits=sandbox.limits) == "clip"


@pytest.mark.parametrize("case", WHOLE)
def test_a_source_of_unusual_form_runs_as_the_interpreter_would_run_it(sandbox, case, tmp_path):
    execution = sandbox.execute(Program(WHOLE[case]), folder=tmp_path)
    assert kind_of(execution, limits=sandbox.limits) == "clip", execution
