"""`earmark sandbox`: what it prints is fit for a terminal, and bad input gets one line."""

import json
from contextlib import closing

import pytest

from earmark.commands.sandbox import main
from earmark.config.compose import compose, run_name
from earmark.config.schema import plain
from earmark.errors import ConfigError
from earmark.records import Limits, Program
from earmark.sandbox.limits import validate_limits
from earmark.sandbox.probe import auto
from earmark.strategies.prompt_template import PromptTemplate

QUICK = ("sandbox.limits.packages=[]", "sandbox.limits.wall_seconds=20")
TONE = """
import math, random, struct, wave
with wave.open("out.wav", "wb") as out:
    out.setparams((1, 2, 16000, 0, "NONE", ""))
    samples = [int(9000 * math.sin(i / 5) + {noise}) for i in range(8000)]
    out.writeframes(struct.pack("<8000h", *samples))
"""


@pytest.fixture
def program(tmp_path, monkeypatch):
    """Writes a program and gives its path; nothing of it is kept in the user's own cache."""
    monkeypatch.setenv("EARMARK_CACHE", str(tmp_path / "cache"))

    def written(text: str | bytes) -> str:
        path = tmp_path / "program.py"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return str(path)

    return written


def test_settings_may_follow_options(program, capsys):
    assert main([program("print(1)"), "--isolation", "process", *QUICK, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["isolation"] == "process"


def test_a_program_cannot_steer_the_terminal_it_is_shown_on(program, capsys):
    assert (
        main([program("print('\\x1b]52;c;aGk=\\x07größe')\nraise ValueError('\\x9b2J')"), *QUICK])
        == 0
    )
    printed = capsys.readouterr().out
    assert all(one.isprintable() or one == "\n" for one in printed)
    assert "\\x1b]52;c;aGk=\\x07größe" in printed
    assert "failure    execute: runtime_error: line 2: ValueError: \\x9b2J" in printed


def test_bytes_that_are_not_source_fail_without_a_frame_of_ours(program, capsys):
    assert main([program(b"\x00\xff\x01"), *QUICK, "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["failure"]["kind"] == "runtime_error"
    assert "earmark" not in result["execution"]["stderr"]


@pytest.mark.parametrize(
    ("noise", "agree"),
    [("random.gauss(0, 99)", True), ("random.SystemRandom().randrange(99)", False)],
)
def test_two_runs_are_compared_by_their_frames(program, capsys, noise, agree):
    assert (
        main([program(TONE.replace("{noise}", noise)), *QUICK, "--check-determinism", "--json"])
        == 0
    )
    result = json.loads(capsys.readouterr().out)
    assert result["failure"] is None
    assert result["check_determinism"]["frames_agree"] is agree


def test_a_source_that_cannot_be_read_or_never_ends_gets_one_line(tmp_path):
    with pytest.raises(
        ConfigError,
        match=r"nowhere\.py: cannot be read \(No such file or directory\); name a Python file",
    ):
        main([str(tmp_path / "nowhere.py"), *QUICK])
    with pytest.raises(ConfigError, match="/dev/zero: must be at most 16777216 bytes"):
        main(["/dev/zero", *QUICK])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("scratch_bytes", 0),
        ("scratch_inodes", 0),
        ("memory_bytes", 1000),
        ("wall_seconds", -1.0),
        ("wall_seconds", float("nan")),
        ("cpu_seconds", 0),
        ("output_bytes", 0),
        ("file_name", "../out.wav"),
        ("file_name", ""),
        ("min_rate_hz", 48000),
        ("max_seconds", 0.01),
    ],
)
def test_limits_that_cannot_be_enforced_are_refused_by_name(name, value):
    with pytest.raises(ConfigError, match=r"sandbox\.limits\.\w+ must .*, got .*; set another"):
        validate_limits(Limits(**{name: value}))


def test_the_list_of_packages_is_an_axis_of_a_sweep_prompted_and_enforced_alike(tmp_path):
    runs = [
        compose([f"sandbox.limits.packages={listed}"])
        for listed in ("[numpy]", "[numpy,scipy]", "[]")
    ]
    assert len({run_name(run) for run in runs}) == 3
    for run, packages in zip(runs, (("numpy",), ("numpy", "scipy"), ()), strict=True):
        limits = validate_limits(run.sandbox.limits)
        assert limits.packages == packages
        prompt = PromptTemplate(plain(run.prompt), limits=limits).render("system")
        with closing(auto(limits=limits, workers=1, warm=False)) as sandbox:
            for name in ("numpy", "scipy"):
                completed = sandbox.execute(Program(f"import {name}"), folder=tmp_path)
                assert (completed.exit_code == 0) == (name in packages) == (name in prompt)


def test_a_package_that_is_not_installed_is_reported_before_any_isolation_is_tried():
    with pytest.raises(
        ConfigError,
        match=r"^sandbox\.limits\.packages must list packages of .*, got 'no_such_package'",
    ):
        auto(limits=Limits(packages=("no_such_package",)))
