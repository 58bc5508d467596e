"""One portable file: the same answers there and back, and nothing foreign taken for one."""

import json
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from unittest.mock import Mock

import pytest

from earmark.commands.cassette import main
from earmark.errors import ConfigError, HarnessError
from earmark.identity import completion_key
from earmark.models.hosted import LiteLLM
from earmark.models.wrappers.cassette import Cassette
from earmark.models.wrappers.cassette_archive import CassetteArchive, pack, unpack
from earmark.models.wrappers.completion_store import CompletionStore
from earmark.records import Completion, Sampling, dump
from earmark.testing.models import request_of
from tests.models.server import BROKEN, ChatServer, Reply, cut

pytestmark = pytest.mark.usefixtures("warm")
PROMPTS = ("first", "second", "third")


@pytest.fixture
def recorded(tmp_path: Path) -> tuple[LiteLLM, Path]:
    """A model whose server is gone, and the folder of what it said: an answer, a truncation, a
    refusal; and an error.
    """
    folder = tmp_path / "folder"
    with ChatServer(
        [Reply(text="whole \u266b"), cut(), Reply(text="", refusal="no"), BROKEN]
    ) as server:
        model = LiteLLM(
            name="local", model="openai/local-model", api_base=server.api_base, retries=0
        )
        for prompt in PROMPTS:
            Cassette(model, folder).complete(request_of(prompt))
        with pytest.raises(Exception, match="HTTP 500"):
            Cassette(model, folder).complete(request_of("fourth"))
    return model, folder


def answers(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in CompletionStore(folder).entries()}


def test_there_and_back_is_the_same(recorded: tuple[LiteLLM, Path], tmp_path: Path) -> None:
    _, folder = recorded
    assert pack(folder, tmp_path / "one.zip") == 3
    assert unpack(tmp_path / "one.zip", tmp_path / "back") == 3
    assert answers(tmp_path / "back") == answers(folder)
    assert unpack(tmp_path / "one.zip", tmp_path / "back") == 0


def test_many_threads_read_a_file_that_is_opened_once(
    recorded: tuple[LiteLLM, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, folder = recorded
    pack(folder, tmp_path / "one.zip")
    opened = Mock(wraps=zipfile.ZipFile)
    monkeypatch.setattr(zipfile, "ZipFile", opened)
    archive = CassetteArchive(tmp_path / "one.zip")
    keys = sorted(archive.keys()) * 40
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(archive.find, keys))
    assert found == [CompletionStore(folder).find(key) for key in keys]
    assert len(set(keys)) == len(PROMPTS)
    assert opened.call_count == 1


def test_the_same_answers_make_the_same_bytes(
    recorded: tuple[LiteLLM, Path], tmp_path: Path
) -> None:
    _, folder = recorded
    pack(folder, tmp_path / "one.zip")
    unpack(tmp_path / "one.zip", tmp_path / "back")
    pack(tmp_path / "back", tmp_path / "two.zip")
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


def test_a_packed_file_is_replayed_in_place(recorded: tuple[LiteLLM, Path], tmp_path: Path) -> None:
    model, folder = recorded
    pack(folder, tmp_path / "one.zip")
    from_folder, from_file = (
        Cassette(model, folder, replay=True),
        Cassette(model, tmp_path / "one.zip", replay=True),
    )
    for prompt in PROMPTS:
        assert from_file.complete(request_of(prompt)) == from_folder.complete(request_of(prompt))
    with pytest.raises(Exception, match="holds no completion"):
        from_file.complete(request_of("fourth"))


def test_what_is_no_packed_cassette_is_refused(
    recorded: tuple[LiteLLM, Path], tmp_path: Path
) -> None:
    model, _ = recorded
    (tmp_path / "text.zip").write_text("not a zip")
    with zipfile.ZipFile(tmp_path / "foreign.zip", "w") as foreign:
        foreign.writestr("../../evil.json", "{}")
    for name in ("text.zip", "foreign.zip"):
        with pytest.raises(ConfigError, match=f"{name}: must be a packed cassette"):
            unpack(tmp_path / name, tmp_path / "back")
        with pytest.raises(ConfigError, match=f"{name}: must be a packed cassette"):
            Cassette(model, tmp_path / name, replay=True).complete(request_of("first"))
    with pytest.raises(ConfigError, match=r"gone.zip: must be a packed cassette"):
        unpack(tmp_path / "gone.zip", tmp_path / "back")
    assert not (tmp_path / "back").exists()


@pytest.mark.parametrize("text", ["{}", "[]", '{"half": ', "\x00"])
def test_a_damaged_entry_is_named_and_nothing_is_written(
    recorded: tuple[LiteLLM, Path], tmp_path: Path, text: str
) -> None:
    _, folder = recorded
    name = next(iter(answers(folder)))
    with zipfile.ZipFile(tmp_path / "bad.zip", "w") as bad:
        bad.writestr(name, text)
    with pytest.raises(HarnessError, match=name):
        unpack(tmp_path / "bad.zip", tmp_path / "back")
    assert not (tmp_path / "back").exists()
    next(CompletionStore(folder).entries()).write_text(text)
    with pytest.raises(HarnessError, match=name):
        pack(folder, tmp_path / "new.zip")
    assert not list(tmp_path.glob("*new.zip*"))


def test_two_answers_to_one_question_are_not_mixed(
    recorded: tuple[LiteLLM, Path], tmp_path: Path
) -> None:
    _, folder = recorded
    pack(folder, tmp_path / "one.zip")
    entry = next(path for path in CompletionStore(folder).entries() if "whole" in path.read_text())
    entry.write_text(entry.read_text().replace("whole", "other"))
    before = answers(folder)
    with pytest.raises(
        HarnessError, match=r"differs from the answer in .*; unpack into an empty folder"
    ):
        unpack(tmp_path / "one.zip", folder)
    assert answers(folder) == before


def test_an_empty_folder_is_not_packed(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="holds no completions"):
        pack(tmp_path, tmp_path / "one.zip")


def test_the_command_packs_and_unpacks(
    recorded: tuple[LiteLLM, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, folder = recorded
    packed = str(tmp_path / "one.zip")
    assert main(["pack", packed, "--folder", str(folder)]) == 0
    assert capsys.readouterr().out == f"packed 3 answers of {folder} into {packed}\n"
    assert main(["unpack", packed, "--folder", str(tmp_path / "back"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "answers": 3,
        "file": packed,
        "folder": str(tmp_path / "back"),
    }
    assert answers(tmp_path / "back") == answers(folder)


def packed_bomb(path: Path, entries: int, size: int) -> Path:
    """Entries of spaces that prove their keys: some kilobytes that come out as megabytes."""
    model = LiteLLM(name="local", model="openai/local-model", api_base="http://127.0.0.1:9")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for at in range(entries):
            request = request_of(f"prompt {at}")
            key = completion_key(model.identity, request)
            entry = {
                "identity": dict(model.identity),
                "request": dump(request),
                "completion": dump(completion_of_length()),
            }
            packed.writestr(f"{key}.json", json.dumps(entry) + " " * size)
    return path


def completion_of_length() -> Completion:
    return Completion("text", "m", "stop", 1, 1, 0.1, None, Sampling(), Sampling())


@pytest.mark.parametrize(
    ("entries", "size", "said"),
    [
        (1, 2**24, "an entry must be below"),
        (9, 2**23, "entries must be below 67108864 bytes together"),
    ],
)
def test_what_comes_out_is_bounded_by_what_went_in(
    entries: int, size: int, said: str, tmp_path: Path
) -> None:
    bomb = packed_bomb(tmp_path / "bomb.zip", entries, size)
    assert bomb.stat().st_size < 2**20
    with pytest.raises(HarnessError, match=said):
        unpack(bomb, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_size_that_lies_is_not_believed(tmp_path: Path) -> None:
    bomb = packed_bomb(tmp_path / "bomb.zip", 1, 2**24)
    data = bytearray(bomb.read_bytes())
    at = data.rindex(b"PK\x01\x02")
    data[at + 24 : at + 28] = (100).to_bytes(4, "little")
    bomb.write_bytes(bytes(data))
    with pytest.raises(HarnessError, match="pack again from the folder"):
        unpack(bomb, tmp_path / "out")
