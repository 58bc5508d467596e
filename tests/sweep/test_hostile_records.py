"""A record decides what was asked. What runs, where and how confined is this machine's: what a
record says of that is refused by name.
"""

import json
import os
import shlex
import shutil
import wave
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from earmark.analysis import baseline_clips
from earmark.cli import main
from earmark.commands.rerun import rerun_config
from earmark.config import from_record, nodes
from earmark.config.schema import RunConfig, plain
from earmark.errors import ConfigError, HarnessError
from earmark.records import Limits, Run, dump
from earmark.storage.run_folder import RunFolder
from earmark.storage.sweep_folder import SweepFolder
from tests.models.server import ChatServer, fenced
from tests.sweep.conftest import SMALL, Launch, local_model
from tests.sweep.test_sweep import TONE

pytestmark = pytest.mark.xdist_group("hostile_records")  # its fixtures are made once

Config = dict[str, Any]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sweep of one attempt, made once."""
    root = tmp_path_factory.mktemp("kept")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EARMARK_ROOT", str(root))
        patch.setenv("EARMARK_CACHE", str(root / "cache"))
        assert (
            main(
                [
                    "model=expert",
                    "tier.limit=1",
                    "tracking=none",
                    *SMALL[:2],
                    SMALL[3],
                    "name=first",
                ]
            )
            == 0
        )
    return root / "multirun" / "first"


@pytest.fixture
def folder(kept: Path, root: Path) -> RunFolder:
    """A copy of its run, in the test's own root."""
    shutil.copytree(kept, root / "multirun" / "first")
    (folder,) = SweepFolder(root / "multirun" / "first").runs()
    return folder


def put(config: Config, dotted: str, value: object) -> None:
    *parents, last = dotted.split(".")
    for name in parents:
        config = config.setdefault(name, {})
    config[last] = value


def with_setting(record: Run, dotted: str, value: object) -> Run:
    """The record with one setting of its configuration changed, named as on the command line."""
    config = plain(record.config, whole=True)
    put(config, dotted, value)
    return replace(record, config=nodes.typed(config))


def text_of(config: RunConfig) -> str:
    return json.dumps(dump(config))


def edited(folder: RunFolder, change: Callable[[Config], None]) -> None:
    result = json.loads((folder.path / "run.json").read_text())
    change(result["config"])
    (folder.path / "run.json").write_text(json.dumps(result))


def a_trap(root: Path) -> tuple[str, Path]:
    """A program that leaves a mark when it is started, and the mark."""
    mark, program = root / "it_ran", root / "engine.sh"
    program.write_text(f"#!/bin/sh\ntouch {shlex.quote(str(mark))}\n")
    program.chmod(0o755)
    return str(program), mark


def test_the_engine_of_a_record_is_not_started(
    root: Path, folder: RunFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    program, mark = a_trap(root)

    def contained(config: Config) -> None:
        config["sandbox"] = {
            "target": "earmark.sandbox.container.Container",
            "name": "container",
            "settings": {"engine": program, "options": ["-c", "id"]},
            "limits": config["sandbox"]["limits"],
        }

    edited(folder, contained)
    assert main(["rerun", str(folder.path), "tracking=none"]) == 0
    said = capsys.readouterr()
    assert not mark.exists()
    assert "sandbox" in said.err
    assert "'container'" in said.err
    (again,) = SweepFolder(root / "multirun" / f"rerun-{folder.run().key[:8]}").runs()
    assert again.run().config.sandbox.name == "auto"
    assert "engine" not in again.run().config.sandbox.settings
    assert (
        main(
            [
                "rescore",
                "first",
                "--embedder",
                "none",
                "fad_embedder=none",
                "metric.clip.text_audio.templates=['{caption}']",
            ]
        )
        == 0
    )
    assert not mark.exists()


def test_a_record_cannot_have_its_program_run_unconfined(
    root: Path, folder: RunFolder, capsys: pytest.CaptureFixture[str]
) -> None:

    def open_wide(config: Config) -> None:
        config["sandbox"] = {
            **config["sandbox"],
            "target": "earmark.sandbox.unsafe.Unisolated",
            "name": "none",
            "settings": {"unsafe": True},
        }

    edited(folder, open_wide)
    assert main(["rerun", str(folder.path), "tracking=none", "--name", "again"]) == 0
    (again,) = SweepFolder(root / "multirun" / "again").runs()
    assert {one.execution.isolation for one in again.attempts() if one.execution} != {"none"}
    assert "NO ISOLATION" not in capsys.readouterr().err


LOOSE = {
    "wall_seconds": 1e9,
    "cpu_seconds": 10**9,
    "memory_bytes": 10**15,
    "file_bytes": 10**15,
    "scratch_bytes": 10**15,
    "scratch_inodes": 10**9,
    "output_bytes": 10**12,
    "max_seconds": 1e9,
    "max_channels": 10**6,
    "max_rate_hz": 10**9,
}


@pytest.mark.parametrize(("limit", "value"), [*LOOSE.items(), ("wall_seconds", float("nan"))])
def test_a_record_does_not_loosen_the_limits_of_this_machine(
    limit: str, value: object, folder: RunFolder
) -> None:
    record = with_setting(folder.run(), f"sandbox.limits.{limit}", value)
    with pytest.raises(
        ConfigError, match=rf"sandbox\.limits\.{limit}: .*sandbox\.limits\.{limit}="
    ):
        rerun_config(record, name="again", fresh=False, budget_usd=None)


def test_every_limit_of_a_contract_is_held_against_this_machine() -> None:
    """A field that is added to Contract is either a limit, plain words of what was asked, or must
    be this machine's.
    """
    assert set(LOOSE) == set(from_record.LIMITS)
    rest = {"packages", "file_name", "sample_rate_hz", "min_rate_hz", "min_seconds"}
    assert set(dump(Limits())) == rest | set(from_record.LIMITS)


def test_tighter_limits_are_what_was_asked_and_looser_ones_are_typed(folder: RunFolder) -> None:
    record = with_setting(folder.run(), "sandbox.limits.wall_seconds", 7.0)
    config = rerun_config(record, name="again", fresh=False, budget_usd=None)
    assert config.sandbox.limits.wall_seconds == 7.0
    assert config.strategy.settings["limits"]["wall_seconds"] == 7.0
    record = with_setting(record, "sandbox.limits.wall_seconds", 77.0)
    config = rerun_config(
        record, ["sandbox.limits.wall_seconds=77"], name="again", fresh=False, budget_usd=None
    )
    assert config.sandbox.limits.wall_seconds == 77


REFUSED: dict[str, object] = {
    "strategy._target_": "earmark.storage.atomic.write_text",
    "strategy.similarity": {
        "_target_": "earmark.storage.atomic.write_text",
        "path": "/tmp/x",
        "text": "x",
    },
    "strategy.prompt.system": {
        "_target_": "earmark.storage.atomic.write_text",
        "path": "/tmp/x",
        "text": "x",
    },
    "strategy.examples": "${oc.env:HOME}",
    "prompt.system": "${oc.env:HOME}",
    "model._target_": "os.system",
    "model.api_key_env": "HOME",
    "model.baseline": False,
    "embedder._target_": "earmark.commands.ui.main",
    "fad_embedder._target_": "subprocess.run",
    "embedder.folder": "/etc",
    "metric.clip.text_audio._target_": "earmark.models.llama_server.LlamaServer",
    "metric.clip.evil": {"_target_": "builtins.print"},
    "metric.clip.checks.recogniser": {
        "_target_": "earmark.embedders.whisper.Whisper",
        "checkpoint": "/etc",
    },
    "metric.clip.text_audio.cache": "/etc",
    "reference._target_": "earmark.references.folder.Folder",
    "reference.folders": {"notes": "/etc"},
    "reference.cache": "/etc",
    "baselines.models.noise._target_": "earmark.models.hosted.LiteLLM",
    "baselines.models.evil": {
        "_target_": "earmark.models.hosted.LiteLLM",
        "model": "openai/x",
        "name": "x",
    },
    "sandbox.limits.packages": ["numpy", "pip"],
    "sandbox.limits.file_name": "../../x",
    "tier.name": "../../x",
}


@pytest.mark.parametrize(("key", "value"), REFUSED.items(), ids=REFUSED)
def test_what_a_record_may_not_name_is_refused_by_name(
    key: str, value: object, root: Path, folder: RunFolder
) -> None:
    record = with_setting(folder.run(), key, value)
    with pytest.raises(ConfigError) as refused:
        rerun_config(record, name="again", fresh=False, budget_usd=None)
    said = str(refused.value)
    innermost = (
        f"{key}._target_"
        if isinstance(value, dict) and key.startswith(("strategy.prompt",))
        else key
    )
    assert said.startswith(innermost)
    assert "the record has" in said
    assert "; " in said  # the way out
    assert not (root / "multirun" / "again").exists()


def test_a_setting_that_the_strategy_does_not_have_is_refused_by_name(folder: RunFolder) -> None:
    record = with_setting(folder.run(), "strategy.unknown", 1)
    with pytest.raises(ConfigError, match=r"^strategy\.unknown: no such setting of .*; choose"):
        rerun_config(record, name="again", fresh=False, budget_usd=None)


JUDGE = {"_target_": "mine.Judge", "folder": "/here"}
HERE = {"_target_": "mine.Patient", "name": "patient", "patience": 2, "judge": JUDGE}


def test_a_record_decides_the_settings_of_a_users_own_strategy() -> None:
    taking = from_record._Taking(asked=from_record.ASKED, here=from_record.HERE)
    recorded = {**HERE, "patience": 9, "weights": {"clap": 0.5}}
    assert taking.take(recorded, HERE, "strategy") == recorded


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"_target_": "os.system"}, "strategy._target_"),
        ({"_args_": ["true"]}, "strategy._args_"),
        ({"patience": "${oc.env:HOME}"}, "strategy.patience"),
        ({"patience": {"deep": {"_target_": "os.system"}}}, "strategy.patience.deep._target_"),
        ({"patience": {"_target_": "os.system"}}, "strategy.patience"),
        ({"judge": {**JUDGE, "folder": "/etc"}}, "strategy.judge.folder"),
        ({"judge": {**JUDGE, "_target_": "os.system"}}, "strategy.judge._target_"),
    ],
)
def test_a_users_own_strategy_gets_no_class_and_no_folder_from_a_record(
    changed: Config, named: str
) -> None:
    taking = from_record._Taking(asked=from_record.ASKED, here=from_record.HERE)
    with pytest.raises(ConfigError, match=rf"^{named}: the record has"):
        taking.take({**HERE, **changed}, HERE, "strategy")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("evil", {"_target_": "os.system", "command": "true"}),
        ("baselines.rules", {"_target_": "earmark.storage.atomic.write_json"}),
        ("sandbox.limits._target_", "earmark.storage.atomic.write_json"),
        ("sandbox.limits.memory_bytes", "all"),
        ("sandbox.limits", []),
        ("strategy.metric", {"_target_": "os.system"}),
    ],
)
def test_what_no_configuration_holds_is_refused_by_name(
    key: str, value: object, root: Path, folder: RunFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    edited(folder, lambda config: put(config, key, value))
    assert main(["rerun", str(folder.path), "tracking=none", "--name", "again"]) == 1
    assert f"config.{key}" in capsys.readouterr().err
    assert not (root / "multirun" / "again").exists()


def test_a_new_sweep_says_nothing_of_where_the_record_was_kept(
    root: Path, folder: RunFolder
) -> None:
    record = folder.run()
    for key, value in {
        "cache": "/etc",
        "cassette": "/etc",
        "replay": "/etc",
        "tracking": {
            "_target_": "earmark.tracking.mlflow_store.MlflowTracker",
            "uri": "http://198.51.100.7/",
            "artifacts": "/etc",
        },
    }.items():
        record = with_setting(record, key, value)
    config = rerun_config(record, ["tracking=none"], name="again", fresh=False, budget_usd=None)
    assert config.cache == str(root / "cache")
    assert "/etc" not in text_of(config)
    assert "198.51" not in text_of(config)


@pytest.mark.parametrize(
    "key", ["model.api_base", "model.model", "model.api_key_env", "model.capabilities"]
)
def test_asking_again_goes_where_this_machine_says(key: str, root: Path, launch: Launch) -> None:
    with ChatServer(fenced(TONE)) as server, ChatServer(fenced(TONE)) as other:
        words = local_model(server.api_base)
        assert launch(*words, "tier.limit=1", "tracking=none", "name=first") == 0
        (folder,) = SweepFolder(root / "multirun" / "first").runs()
        values: Config = {
            "model.api_base": other.api_base,
            "model.model": "openai/gpt-9",
            "model.api_key_env": "HOME",
        }
        values["model.capabilities"] = {"price": None}
        record = with_setting(folder.run(), key, values[key])
        with pytest.raises(ConfigError, match=r"model\.[a-z_]+.*: the record has"):
            rerun_config(record, name="again", fresh=True, budget_usd=None)
        config = rerun_config(record, words, name="again", fresh=True, budget_usd=None)
        assert config.model.settings["api_base"] == server.api_base
        assert "gpt-9" not in text_of(config)
        assert config.model.settings.get("api_key_env") is None
        assert other.requests == 0


def test_only_what_is_this_machines_is_typed_beside_a_record(
    folder: RunFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["rerun", str(folder.path), "temperature=1"]) == 1
    assert "temperature=1: what was asked is the record's" in capsys.readouterr().err


def test_a_template_of_a_record_reaches_nothing_of_python(
    root: Path, folder: RunFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    mark = root / "it_ran"
    trap = f"{{{{ limits.__class__.__init__.__globals__['__builtins__']['open']('{mark}', 'w') }}}}"

    def trapped(config: Config) -> None:
        config["prompt"]["templates"]["task"] = trap
        config["strategy"]["settings"]["prompt"]["task"] = trap

    edited(folder, trapped)
    assert main(["rerun", str(folder.path), "tracking=none"]) == 1
    assert main(["rescore", "first", "--embedder", "none", "metric=pitch_track"]) == 1
    said = capsys.readouterr().err
    assert said.count("part 'task'") == 2
    assert said.count("a call must be one of") == 2
    assert not mark.exists()


def secret_wav(root: Path) -> Path:
    path = root / "secret.wav"
    with wave.open(str(path), "wb") as out:
        out.setparams((1, 2, 16000, 0, "NONE", ""))
        out.writeframes(b"\1\1" * 16000)
    return path


@pytest.mark.parametrize(
    "where", ["/etc/passwd", "../../../../secret.wav", "..", "", "sub/out.wav"]
)
@pytest.mark.parametrize("field", ["clip", "execution"])
def test_a_clip_lies_in_its_own_attempt(
    where: str, field: str, root: Path, folder: RunFolder
) -> None:
    secret_wav(root)
    (path,) = folder.path.glob("attempts/*/*/attempt.json")
    result = json.loads(path.read_text())
    result[field]["path" if field == "clip" else "wav"] = where
    path.write_text(json.dumps(result))
    with pytest.raises(
        HarnessError,
        match=rf"attempt\.json: {field}\.\w+ must be the name of a file beside it, got '{where}'; ",
    ):
        folder.run()


@pytest.mark.parametrize(
    ("place", "kind"),
    [("out.wav", "link"), ("out.png", "link"), ("execution.log", "link"), ("out.wav", "fifo")],
)
def test_a_record_holds_its_own_files(place: str, kind: str, root: Path, folder: RunFolder) -> None:
    (path,) = folder.path.glob(f"attempts/*/*/{place}")
    path.unlink()
    if kind == "link":
        path.symlink_to(secret_wav(root))
    else:
        os.mkfifo(path)
    with pytest.raises(
        HarnessError, match=rf"{place}: must be a file or a folder of its own.*; put a copy"
    ):
        folder.run()
    assert main(["sync", "first"]) == 1
    assert not list((root / "mlruns").rglob(place))


@pytest.mark.parametrize("what", ["attempts", "run.log", "run.json"])
def test_nor_are_its_folders_and_its_own_texts_links(
    what: str, root: Path, folder: RunFolder
) -> None:
    there = folder.path / what
    there.rename(root / "elsewhere")
    there.symlink_to(root / "elsewhere")
    with pytest.raises(HarnessError, match=rf"{what}: must be a file or a folder of its own"):
        folder.run()


@pytest.mark.parametrize(
    "change",
    [{"task": "../../../../x"}, {"sha256": "/etc/passwd"}, {"task": "/etc/x"}, {"more": 1}],
)
def test_a_list_of_control_clips_names_plain_files(change: Config, tmp_path: Path) -> None:
    one = {"task": "a", "caption": "a", "sha256": "0" * 64, **change}
    (tmp_path / "clips.json").write_text(json.dumps({"noise": [one]}))
    with pytest.raises(HarnessError, match=r"clips\.json: holds no list of clips of this version"):
        baseline_clips.linked(tmp_path)
    (tmp_path / "clips.json").write_text(
        json.dumps({"../../x": [{**one, "task": "a", "sha256": "0" * 64}]})
    )
    with pytest.raises(HarnessError, match=r"clips\.json: holds no list of clips of this version"):
        baseline_clips.linked(tmp_path)


def test_a_control_clip_is_no_link(tmp_path: Path) -> None:
    (tmp_path / "clips.json").write_text(
        json.dumps({"noise": [{"task": "a", "caption": "a", "sha256": "0" * 64}]})
    )
    (tmp_path / "noise").mkdir()
    (tmp_path / "noise" / "a.wav").symlink_to(secret_wav(tmp_path))
    with pytest.raises(
        HarnessError, match=r"a\.wav: must be a file or a folder of its own, is a link"
    ):
        baseline_clips.linked(tmp_path)


def test_an_attempt_is_the_one_that_its_folder_says(folder: RunFolder) -> None:
    (path,) = folder.path.glob("attempts/*/*/attempt.json")
    result = json.loads(path.read_text())
    result["task"]["id"] = "../../../../x"
    path.write_text(json.dumps(result))
    with pytest.raises(
        HarnessError, match=r"attempt\.json: is of task '\.\./\.\./\.\./\.\./x'.*lies in"
    ):
        folder.run()


@pytest.mark.parametrize("name", ["nine", "0", "0-x", "0-0-0"])
def test_a_folder_that_is_no_attempts_is_named(name: str, folder: RunFolder) -> None:
    (path,) = folder.path.glob("attempts/*/*/attempt.json")
    path.parent.rename(path.parent.with_name(name))
    with pytest.raises(HarnessError, match=rf"{name}: must be named SAMPLE-TURN"):
        folder.run()


def test_the_key_of_a_record_names_no_folder(
    root: Path, folder: RunFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    result = json.loads((folder.path / "run.json").read_text())
    (folder.path / "run.json").write_text(json.dumps({**result, "key": "x/../../y"}))
    assert main(["rerun", str(folder.path), "tracking=none"]) == 1
    assert "'x/../../y'" in capsys.readouterr().err
    assert not (root / "multirun" / "rerun-x").exists()


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000], ids=["lists", "objects"])
def test_deep_json_is_one_clear_line(
    text: str, folder: RunFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder.path / "run.json").write_text(text)
    assert main(["rerun", str(folder.path), "tracking=none"]) == 1
    said = capsys.readouterr().err
    assert "run.json: cannot be read as JSON (nested too deeply)" in said
    assert "Traceback" not in said


def test_the_contract_of_a_record_is_a_contract(folder: RunFolder) -> None:
    record = folder.run()
    config = rerun_config(record, name="again", fresh=False, budget_usd=None)
    assert config.sandbox.limits == Limits()
