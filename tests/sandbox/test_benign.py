"""The sandbox changes no well-behaved program: the same frames bare, cold, warm, after others."""

import hashlib
import os
import random
import subprocess
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pytest

from earmark.audio import samples
from earmark.records import Limits, Program
from earmark.sandbox import Sandbox
from tests.sandbox.grammar import program
from tests.sandbox.hostile_ground import ground
from tests.sandbox.hostile_judge import LIMITS, kind_of, open_folder
from tests.sandbox.hostile_programs import programs
from tests.sandbox.hostile_sandboxes import ISOLATIONS, open_sandbox

SEEDS = range(200)
ROOMY = Limits()
# Programs that are ended quickly: a thousand of them must not take an hour.
QUICK = [
    hostile
    for hostile in programs()
    if hostile.oracle not in {"late", "flood", "memory", "crowd"}
    and hostile.name != "result_swapped"
]


def frames_of(path: Path) -> str:
    """A digest of the decoded frames, their shape and rate."""
    held, rate_hz = samples(path)
    return hashlib.sha256(repr((held.shape, rate_hz)).encode() + held.tobytes()).hexdigest()


def bare(source: str, folder: Path) -> str:
    """Frames of a program run by a plain interpreter, with one BLAS thread as in the sandbox."""
    folder.mkdir()
    (folder / "program.py").write_text(source)
    environment = {
        "PATH": os.environ["PATH"],
        "TZ": "UTC",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
    }
    subprocess.run(
        [sys.executable, "-I", "program.py"],
        cwd=folder,
        env=environment,
        check=True,
        capture_output=True,
        timeout=60,
    )
    return frames_of(folder / "out.wav")


@cache
def bare_of(seed: int) -> str:
    """Frames of one seed's program under a plain interpreter, asked once for all isolations."""
    with open_folder() as folder:
        return bare(program(seed), folder / "bare")


def held(source: str, sandbox: Sandbox, folder: Path) -> str:
    """Frames of a program run in a sandbox."""
    folder.mkdir()
    execution = sandbox.execute(Program(source), folder=folder)
    assert kind_of(execution, limits=sandbox.limits) == "clip", execution
    assert execution.wav is not None
    return frames_of(Path(execution.wav))


def agreed(seeds: Iterable[int], isolation: str, folder: Path) -> dict[int, set[str]]:
    """Seeds whose frames differ between bare, cold and warm, with the digests."""
    with (
        open_sandbox(isolation, limits=ROOMY) as warm,
        open_sandbox(isolation, limits=ROOMY, warm=False) as cold,
    ):
        seen = {
            seed: {
                bare_of(seed),
                held(program(seed), cold, folder / f"{seed}-cold"),
                held(program(seed), warm, folder / f"{seed}-warm"),
            }
            for seed in seeds
        }
    return {seed: digests for seed, digests in seen.items() if len(digests) > 1}


@pytest.mark.parametrize("isolation", ISOLATIONS)
def test_a_sample_of_benign_programs_gives_the_same_frames_bare_cold_and_warm(isolation, tmp_path):
    assert agreed(random.Random(1).sample(SEEDS, 2), isolation, tmp_path) == {}


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("isolation", ISOLATIONS)
def test_two_hundred_benign_programs_give_the_same_frames_bare_cold_and_warm(isolation, tmp_path):
    assert agreed(SEEDS, isolation, tmp_path) == {}


def test_the_grammar_varies_and_repeats_itself_by_seed():
    assert len({program(seed) for seed in SEEDS}) == len(SEEDS)
    assert program(5) == program(5)


def test_the_comparison_can_fail(tmp_path):
    """A program that draws unseeded random numbers differs from run to run."""
    noise = "np.random.default_rng().uniform(-0.9, 0.9, rate).astype(np.float32)"
    source = program(0) + f"wavfile.write('out.wav', rate, {noise})\n"
    assert bare(source, tmp_path / "one") != bare(source, tmp_path / "two")


def alternated(sandbox: Sandbox, count: int, folder: Path) -> list[int]:
    """The turns, of `count`, in which a benign program gave other frames after a hostile one."""
    rng, seeds = random.Random(11), list(SEEDS)[:12]
    first = {seed: held(program(seed), sandbox, folder / f"first-{seed}") for seed in seeds}
    changed = []
    with open_folder() as place, ground(place, sandbox.limits) as target:
        for number in range(count):
            hostile, seed, results = rng.choice(QUICK), rng.choice(seeds), folder / str(number)
            results.mkdir()
            sandbox.execute(Program(target.filled(hostile.source)), folder=results)
            if held(program(seed), sandbox, folder / f"{number}-benign") != first[seed]:
                changed.append(number)
    return changed


@pytest.mark.parametrize("isolation", ISOLATIONS)
def test_a_sample_of_alternations_changes_no_benign_output(isolation, tmp_path):
    with open_sandbox(isolation, limits=LIMITS) as sandbox:
        assert alternated(sandbox, 15, tmp_path) == []


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("isolation", ISOLATIONS)
def test_a_thousand_alternations_change_no_benign_output(isolation, tmp_path):
    with open_sandbox(isolation, limits=LIMITS) as sandbox:
        assert alternated(sandbox, 1000, tmp_path) == []
