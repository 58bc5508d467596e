"""A program's end as the pipeline records it: one failure, and the file that was there before."""

from collections.abc import Mapping
from typing import Any

import pytest

from earmark.pipeline import Parts, attempt
from earmark.records import Completion, Limits, Message, Request, Sampling, Task
from earmark.sandbox.probe import auto

TONE = """import numpy as np, soundfile
soundfile.write("out.wav", 0.5 * np.sin(np.arange(44100) / 9), 44100)
"""
TASK = Task(id="a", tier="t", caption="a tone", prompt="Make a tone.", seconds=1.0)
REQUEST = Request("a", 1.0, 0, 0, (Message("user", "Make a tone."),), Sampling())


class Answering:
    """A model that gives one answer."""

    identity: Mapping[str, Any] = {}

    def __init__(self, source: str) -> None:
        self.source = source

    def complete(self, request: Request) -> Completion:
        text = f"```python\n{self.source}```"
        sampling = request.sampling
        return Completion(text, "answering", "stop", None, None, 0.0, None, sampling, sampling)

    def close(self) -> None:
        return


@pytest.fixture(scope="module")
def sandbox():
    made = auto(limits=Limits(wall_seconds=20.0), workers=1)
    yield made
    made.close()


@pytest.mark.parametrize(
    ("source", "kind", "noted"),
    [
        (TONE, None, False),
        (TONE + "import playsound\n", "missing_import", True),
        ("1 / 0\n" + TONE, "runtime_error", False),
        (TONE.replace("44100) / 9", "441000) / 9") + "1 / 0\n", "runtime_error", False),
        ("open('tone.wav', 'w').close()\n", "no_file", False),
    ],
)
def test_a_failure_keeps_its_label_and_the_record_says_what_was_there(
    sandbox, tmp_path, source, kind, noted
):
    parts = Parts(model=Answering(source), sandbox=sandbox)
    made = attempt(TASK, REQUEST, run="r", folder=tmp_path, parts=parts)
    assert (made.failure.kind if made.failure else None) == kind
    assert made.execution is not None
    assert made.execution.file_before_failure is noted
    assert (made.clip is None) == (kind is not None)


def test_a_missing_file_names_those_that_were_written(sandbox, tmp_path):
    source = "import os\nos.mkdir('sounds')\nopen('sounds/tone.wav', 'w').close()\n"
    parts = Parts(model=Answering(source), sandbox=sandbox)
    made = attempt(TASK, REQUEST, run="r", folder=tmp_path, parts=parts)
    assert made.failure is not None
    assert made.failure.message == (
        "out.wav: was not written (the program wrote sounds/tone.wav instead); "
        "write out.wav in the current working directory"
    )
