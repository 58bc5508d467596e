"""Texts of other people: no secret is kept, no terminal is steered, no spreadsheet
computes.
"""

import csv
import json
from dataclasses import replace
from pathlib import Path

import pandas  # type: ignore[import-untyped]  # pandas ships no types
import pytest

from earmark.analysis.labels import label
from earmark.cli import main
from earmark.config.schema import ModelConfig
from earmark.errors import ConfigError
from earmark.report import export_files, load_results, table
from earmark.storage.foreign import MAX_DEPTH, json_of
from earmark.storage.sweep_folder import SweepFolder
from earmark.sweep import launch
from earmark.testing.sweeps import make_sweep
from earmark.tracking.connection import redact
from tests.sweep.conftest import Launch

ESCAPE = "\x1b]0;owned\x07\x9b2J\u202e"


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("tracking.uri=postgresql://me:hush@127.0.0.1:9/runs", "export MLFLOW_TRACKING_URI"),
        ("tracking.uri=http://127.0.0.1:9/?access_token=hush", "export MLFLOW_TRACKING_URI"),
        ("model.api_base=http://127.0.0.1:9/v1?key=hush", "name its variable by model.api_key_env"),
        (
            "model.api_base=http://127.0.0.1:9/v1?api-version=2&api-key=hush",
            "name its variable by model.api_key_env",
        ),
        ("+model.api_base=http://me:hush@127.0.0.1:9/v1", "name its variable by model.api_key_env"),
    ],
)
def test_a_secret_on_the_line_is_refused_before_anything_is_written(
    word: str, hint: str, root: Path, launch: Launch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert launch("model=llama_cpp", word, "name=hush") == 1
    said = capsys.readouterr().err
    assert word.partition("=")[0] in said
    assert hint in said
    assert "hush" not in said.replace("name=hush", "")
    assert not [path for path in root.rglob("*") if path.is_file()]


def test_a_key_in_a_query_is_not_redact() -> None:
    assert redact("http://h/v1?a=1&api_key=hush&b=2") == "http://h/v1?a=1&api_key=***&b=2"
    assert redact("http://h/v1?a=1&monkey_business=2") == "http://h/v1?a=1&monkey_business=2"
    assert redact(redact("http://me:hush@h/?token=hush")) == "http://me:***@h/?token=***"


def named(root: Path, name: str) -> SweepFolder:
    folder = make_sweep(root, name="s", models=("drawn-a",), tasks=1)
    (place,) = folder.runs()
    run = place.run()
    place.save_run(replace(run, config=replace(run.config, model=ModelConfig(name))))
    return folder


def test_no_label_steers_a_terminal(tmp_path: Path) -> None:
    folder = named(tmp_path, ESCAPE)
    (place,) = folder.runs()
    for text in (label(place.run()), table.render_text(load_results(folder))):
        assert "\\x1b]0;owned" in text
        assert all(one.isprintable() or one == "\n" for one in text)


def test_no_message_steers_a_terminal(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sync", ESCAPE]) == 1
    said = capsys.readouterr().err
    assert all(one.isprintable() or one == "\n" for one in said)


@pytest.mark.parametrize("begins", ["=", "+", "-", "@", "\t", "\r", "\n", "\uff1d"])
def test_no_text_of_a_csv_is_a_formula(begins: str, tmp_path: Path) -> None:
    folder = named(tmp_path, text := f"{begins}cmd|' /C calc'!A0")
    export_files.export(folder, tmp_path / "out")
    with (tmp_path / "out" / "runs.csv").open(encoding="utf-8", newline="") as stream:
        (row,) = csv.DictReader(stream)
    assert row["model"] == f"'{text}".replace("\r", "\n")
    assert not [one for one in row.values() if one.startswith(("=", "@", "+", "\t", "\r"))]
    assert pandas.read_parquet(tmp_path / "out" / "runs.parquet")["model"].tolist() == [text]


def test_numbers_of_a_csv_stay_numbers() -> None:
    made = pandas.DataFrame({"score": [-1.5, 2.0], "=feature": ["-1", "1"]})
    assert export_files.without_formulas(made).to_dict("list") == {
        "score": [-1.5, 2.0],
        "'=feature": ["'-1", "1"],
    }


def test_json_has_a_bottom() -> None:
    assert json_of("[" * MAX_DEPTH + "]" * MAX_DEPTH)
    for text in ("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1), "[" * 10**6):
        with pytest.raises(ValueError, match="nested too deeply"):
            json_of(text)


@pytest.mark.parametrize(
    "sample", ["Infinity", "NaN", "1e400", "-1", "1000000", '"0"', "0.5", "[]"]
)
def test_a_vote_is_a_vote(sample: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    votes = f'[{{"task": "t", "sample": {sample}, "better": "a"}}]'
    (tmp_path / "v.json").write_text(f'{{"runs": {{"a": "x", "b": "y"}}, "votes": {votes}}}')
    assert main(["votes", str(tmp_path / "v.json")]) == 1
    assert "must hold votes as the listening page saves them" in capsys.readouterr().err


def test_the_names_of_votes_steer_no_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    result = {"runs": {"a": ESCAPE, "b": "y"}, "votes": [{"task": "t", "sample": 0, "better": "a"}]}
    (tmp_path / "v.json").write_text(json.dumps(result))
    assert main(["votes", str(tmp_path / "v.json")]) == 0
    assert all(one.isprintable() or one == "\n" for one in capsys.readouterr().out)


def test_what_launches_a_sweep_refuses_secrets_first() -> None:
    with pytest.raises(ConfigError, match=r"^tracking\.uri: must hold no password"):
        launch.launch(["tracking.uri=http://a:b@h/", "no such thing"])
