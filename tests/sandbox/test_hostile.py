"""No hostile program gets out of any isolation that works here, and each bad result has its kind.

All run on warm workers; on cold ones a seeded sample runs, and under `long` all.
"""

import os
import platform
import random
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from earmark.records import Program
from earmark.sandbox import Sandbox
from tests.sandbox.hostile_judge import BRIEF, LIMITS, judged
from tests.sandbox.hostile_programs import Hostile, programs, read
from tests.sandbox.hostile_sandboxes import ISOLATIONS, open_sandbox

PROGRAMS = programs()


@pytest.fixture(scope="module", params=ISOLATIONS)
def sandboxes(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[bool, Sandbox]]:
    """Warm sandboxes; [True] has a brief clock.

    Their folders lie in one of ours, which must be empty once they are closed.
    """
    first, scratch = (
        tmp_path_factory.mktemp("first"),
        Path(tempfile.mkdtemp(prefix="earmark-hostile-")),
    )
    scratch.chmod(0o755)
    with (
        open_sandbox(request.param, limits=LIMITS) as usual,
        open_sandbox(request.param, limits=BRIEF) as brief,
    ):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(tempfile, "tempdir", str(scratch))
            for made in (usual, brief):
                made.execute(
                    Program("pass"), folder=first
                )  # the start of a worker is not a program's time
        yield {False: usual, True: brief}
    litter = sorted(str(path.relative_to(scratch)) for path in scratch.rglob("*"))
    shutil.rmtree(scratch, ignore_errors=True)
    assert litter == []


@pytest.mark.parametrize("hostile", PROGRAMS, ids=lambda hostile: hostile.name)
def test_a_hostile_program_gets_nowhere(
    sandboxes: dict[bool, Sandbox], hostile: Hostile, tmp_path: Path
):
    if hostile.only not in (None, platform.machine()):
        pytest.skip(f"written for {hostile.only}")
    sandbox = sandboxes[hostile.oracle == "late"]
    verdict = judged(hostile, sandbox, results=tmp_path)
    soft = {hostile.oracle} if sandbox.isolation in hostile.soft else set()
    assert verdict.fired - soft == set(), f"{hostile.law}\n{verdict.executions}"
    if hostile.kinds:
        assert verdict.kind in hostile.kinds, f"{hostile.law}\n{verdict.executions[0]}"


def escaped_cold(wanted: list[Hostile], isolation: str, results: Path) -> dict[str, set[str]]:
    """The programs that got something out of a new interpreter, with the oracles that fired."""
    seen = {}
    with open_sandbox(isolation, limits=LIMITS, warm=False) as sandbox:
        for hostile in (one for one in wanted if one.only in (None, platform.machine())):
            soft = {hostile.oracle} if isolation in hostile.soft else set()
            seen[hostile.name] = set(judged(hostile, sandbox, results=results).fired - soft)
    return {name: fired for name, fired in seen.items() if fired}


@pytest.mark.parametrize("isolation", ISOLATIONS)
def test_a_sample_of_hostile_programs_gets_nowhere_on_a_cold_worker(isolation: str, tmp_path: Path):
    wanted = [
        hostile for hostile in PROGRAMS if hostile.oracle != "late" and not hostile.attacks_reader
    ]
    assert escaped_cold(random.Random(4).sample(wanted, 12), isolation, tmp_path) == {}


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("isolation", ISOLATIONS)
def test_no_hostile_program_gets_anywhere_on_a_cold_worker(isolation: str, tmp_path: Path):
    assert escaped_cold(PROGRAMS, isolation, tmp_path) == {}


def test_there_are_enough_of_them_each_with_a_law():
    laws = [hostile.law for hostile in PROGRAMS]
    assert len(set(laws)) == len(laws) >= 75
    assert all(law.endswith(".") for law in laws)


def test_a_program_without_a_law_is_refused(tmp_path: Path):
    (tmp_path / "lawless.py").write_text("print('x')\n")
    (tmp_path / "unseen.py").write_text('"""Law: it is seen."""\n# oracle: none\n')
    with pytest.raises(ValueError, match=r"unseen\.py: must begin with its law and name an oracle"):
        read(tmp_path / "unseen.py")
    with pytest.raises(ValueError, match=r"lawless\.py: must begin with its law"):
        read(tmp_path / "lawless.py")


def test_the_judge_finds_nothing_against_a_benign_program(
    sandboxes: dict[bool, Sandbox], tmp_path: Path
):
    source = (
        "import numpy as np, soundfile\n"
        "soundfile.write('out.wav', np.sin(np.arange(44100) / 9), 44100)\n"
    )
    program = Hostile("benign", "", "claim", frozenset(), {}, None, None, source, None)
    verdict = judged(program, sandboxes[False], results=tmp_path)
    assert (verdict.fired, verdict.kind) == (frozenset(), "clip"), verdict.executions
    kept = verdict.executions[0].wav
    assert kept is not None
    assert os.stat(kept).st_uid == os.geteuid()
