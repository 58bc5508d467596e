"""Graphs: compared with torch before use, exported once, and never used after a change."""

import logging
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from earmark.embedders import clap_onnx, clap_torch, minilm, onnx_graphs
from earmark.embedders.clap import Clap
from earmark.embedders.onnx_graphs import TOLERANCE, ExportError, graphs, require_close
from earmark.embedders.packaged import packaged_file
from earmark.errors import HarnessError
from earmark.storage.atomic import read_json

from .test_captioned import package

pytestmark = pytest.mark.xdist_group("checkpoints")  # its fixtures are made once


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("EARMARK_CACHE", str(tmp_path / "cache"))
    onnx_graphs.say_torch_runs.cache_clear()
    return tmp_path / "cache"


class Maker:
    """Makes a "graph" and counts how often."""

    def __init__(self, error: Exception | None = None) -> None:
        self.calls, self.error = 0, error

    def __call__(self, loaded: str, folder: Path) -> dict[str, object]:
        self.calls += 1
        if self.error:
            raise self.error
        (folder / "a.onnx").write_text(loaded)
        return {"width": 3}


def made(maker: Maker, content: str = "1"):
    return graphs("net", content, lambda: f"weights {content}", maker)


def test_a_checkpoint_is_exported_once_and_another_one_anew():
    maker = Maker()
    folder, facts = made(maker)
    assert made(maker)[0] == folder
    assert (maker.calls, facts["width"]) == (1, 3)
    assert made(maker, "2")[0] != folder
    assert maker.calls == 2


def test_another_version_of_a_library_exports_anew(monkeypatch):
    maker = Maker()
    made(maker)
    monkeypatch.setattr(onnx_graphs, "versions", lambda names: dict.fromkeys(names, "99"))
    made(maker)
    assert maker.calls == 2


@pytest.mark.parametrize("change", [lambda p: p.write_text("other"), lambda p: p.unlink()])
def test_a_changed_graph_is_made_again(change, caplog):
    maker = Maker()
    folder, _ = made(maker)
    change(folder / "a.onnx")
    assert (made(maker)[0] / "a.onnx").read_text() == "weights 1"
    assert maker.calls == 2
    assert "must be the file that was checked, it differs" in caplog.text


def test_what_cannot_be_exported_is_not_tried_again():
    maker = Maker(RuntimeError("no such operator"))
    for _ in range(2):
        with pytest.raises(ExportError, match="no such operator"):
            made(maker)
    assert maker.calls == 1


@pytest.mark.parametrize("error", [OSError("disk full"), MemoryError(), HarnessError("gone")])
def test_a_full_disk_says_nothing_about_the_graph(error):
    maker = Maker(error)
    for _ in range(2):
        with pytest.raises(type(error)):
            made(maker)
    assert maker.calls == 2


def test_rows_that_differ_are_no_graph():
    row = np.array([3.0, 4.0])
    assert require_close("net", [row], [row * 2]) == 0  # only directions count
    with pytest.raises(
        ExportError, match=r"net: rows must be within 1e-05 of torch's, they differ"
    ):
        require_close("net", [row], [np.array([3.0, 4.001])])
    with pytest.raises(ExportError, match="they differ by nan"):
        require_close("net", [row * np.nan], [row])


def test_a_graph_that_differs_is_never_used(checkpoint, clips, monkeypatch, caplog):
    expected = Clap(checkpoint=str(checkpoint)).embed_audio(clips[:1])
    monkeypatch.setattr(onnx_graphs, "VERSION", -1)  # another key

    def other_rows(*_):
        return torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(64064, 24))

    monkeypatch.setattr(clap_onnx, "_module", other_rows)
    from earmark.embedders.clap import _read_checkpoint

    weights = _read_checkpoint(str(checkpoint), "cpu")
    _read_checkpoint(str(checkpoint), "cpu")
    assert weights.runtime == "torch"
    embedder = Clap(checkpoint=str(checkpoint))
    monkeypatch.setattr(embedder, "load", lambda: weights)
    np.testing.assert_allclose(embedder.embed_audio(clips[:1]), expected, atol=TOLERANCE)
    spoken = [line.getMessage() for line in caplog.records if line.levelno == logging.WARNING]
    assert len([line for line in spoken if "runs by torch" in line]) == 1


@pytest.mark.parametrize("kind", ["checkpoint", "fused_checkpoint"])
def test_clap_says_by_what_it_runs_and_keeps_its_bound(kind, request, own_cache):
    folder = str(request.getfixturevalue(kind))
    from earmark.embedders.clap import _read_checkpoint

    assert _read_checkpoint(folder, "cpu").runtime == "onnxruntime"
    (facts,) = (read_json(path) for path in own_cache.glob("graphs/clap-*/facts.json"))
    assert 0 < facts["audio difference"] < TOLERANCE
    assert 0 < facts["text difference"] < TOLERANCE


def test_threads_do_not_change_a_row(checkpoint, clips, monkeypatch):
    from earmark.embedders.clap import _read_checkpoint

    rows = []
    for threads in ("1", "2"):
        monkeypatch.setenv("OMP_NUM_THREADS", threads)
        weights = _read_checkpoint(str(checkpoint), "cpu")
        spectrum = weights.mel.of(np.sin(np.arange(weights.mel.window) / 9).astype(np.float32))
        rows.append(weights.networks.audio(spectrum[None]))
    np.testing.assert_allclose(rows[0], rows[1], atol=1e-7)


@pytest.mark.parts
def test_real_recordings_get_the_rows_of_torch(checkpoint):
    """Of random weights; a graph of trained ones is checked when it is made."""
    from earmark.embedders.clap import _read_checkpoint
    from earmark.references.store import decoded

    folder = package("sonic-pi-samples")
    files = sorted(folder.rglob("*.flac"))[::12]
    assert len(files) > 8
    ours = _read_checkpoint(str(checkpoint), "cpu")
    theirs = clap_torch.read(str(checkpoint), device="cpu").weights
    for file in files:
        sound = np.resize(decoded(file)[0][:, 0], ours.mel.window)
        spectrum = ours.mel.of(sound)[None]
        require_close(file.name, ours.networks.audio(spectrum), theirs.networks.audio(spectrum))


@pytest.mark.parts
def test_minilm_gives_the_rows_of_torch():
    sentences = ["a violin", "rain", "twelve short beeps, each higher than the last " * 40]
    folder = packaged_file(minilm.PACKAGE, minilm.FOLDER)
    tokenizer, by_torch = minilm.read_tokenizer(folder), minilm.by_torch(minilm.read_model(folder))
    ours = minilm.MiniLm().embed(sentences)
    theirs = [by_torch(tokenizer.encode(sentence).ids) for sentence in sentences]
    assert require_close("minilm", ours, theirs) < TOLERANCE


@pytest.mark.parts
def test_minilm_runs_by_torch_where_it_cannot_be_exported(monkeypatch, caplog):
    expected = minilm.MiniLm().embed(["a violin"])
    monkeypatch.setattr(onnx_graphs, "VERSION", -1)
    monkeypatch.setattr(minilm, "export", lambda *_, **__: 1 / 0)
    np.testing.assert_allclose(minilm.MiniLm().embed(["a violin"]), expected, atol=TOLERANCE)
    assert "minilm runs by torch, which is slower: division by zero" in caplog.text


HEAVY = "print(sorted({'torch', 'transformers'} & set(sys.modules)))"


@pytest.mark.parametrize(
    "code",
    [
        pytest.param(
            "from earmark.embedders.yamnet_minilm import YamnetMinilm\n"
            "YamnetMinilm().embed_text(['a caption that no cache holds'])",
            marks=pytest.mark.parts,
        ),
        "from earmark.embedders.clap import Clap\n"
        "Clap(checkpoint=sys.argv[1]).embed_text(['rain'])",
    ],
    ids=["yamnet_minilm", "clap"],
)
def test_the_second_process_imports_neither_torch_nor_transformers(code, checkpoint):
    line = [sys.executable, "-c", f"import sys\n{code}\n{HEAVY}", str(checkpoint)]
    runs = [
        subprocess.run(line, capture_output=True, text=True, check=True, env=dict(os.environ))
        for _ in range(2)
    ]
    assert [run.stdout for run in runs] == ["['torch', 'transformers']\n", "[]\n"]
