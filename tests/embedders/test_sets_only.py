"""VGGish and PANN from local files: PANN with random weights, VGGish with a small hub folder."""

import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
import torch

from earmark.embedders import local_network
from earmark.embedders.pann import Pann
from earmark.embedders.vggish import REPOSITORY, Vggish
from earmark.errors import MetricUnavailable
from earmark.testing.embedders import AudioEmbedderContract

pytestmark = pytest.mark.xdist_group("checkpoints")  # its fixtures are made once

HUBCONF = """
import torch
dependencies = ["torch"]

class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.postprocess = True
        self.embeddings = torch.nn.Sequential(torch.nn.Linear(64, 128), torch.nn.ReLU())

    def forward(self, sound, rate_hz):
        assert rate_hz == 16000 and not self.postprocess
        frames = torch.as_tensor(sound[: len(sound) // 15360 * 15360]).float().reshape(-1, 15360)
        return self.embeddings(torch.fft.rfft(frames, 126).abs())

def vggish():
    return Net()
"""


@pytest.fixture(scope="session")
def pann_folder(tmp_path_factory):
    from frechet_audio_distance.models.pann import Cnn14_16k

    folder = tmp_path_factory.mktemp("pann")
    torch.manual_seed(0)
    model = Cnn14_16k(
        sample_rate=16000,
        window_size=512,
        hop_size=160,
        mel_bins=64,
        fmin=50,
        fmax=8000,
        classes_num=527,
    )
    torch.save({"model": model.state_dict()}, folder / Pann.file)
    return folder


class TestPann(AudioEmbedderContract):
    @pytest.fixture
    def clips(self, clips):
        return clips[:2]  # 80 M parameters: a second for each ten

    @pytest.fixture
    def embedder(self, pann_folder):
        return Pann(folder=str(pann_folder))

    def test_rows_are_two_thousand_and_forty_eight_wide(self, embedder, clips):
        assert embedder.embed_features(clips[:1]).shape == (1, 2048)


class TestVggish(AudioEmbedderContract):
    @pytest.fixture
    def embedder(self, tmp_path_factory):
        folder = tmp_path_factory.mktemp("hub")
        (folder / REPOSITORY).mkdir()
        (folder / REPOSITORY / "hubconf.py").write_text(HUBCONF)
        return Vggish(folder=str(folder))

    def test_the_hub_folder_of_the_process_is_left_alone(self, embedder, clips):
        before = torch.hub.get_dir()
        assert embedder.embed_features(clips[:1]).shape == (1, 128)
        assert torch.hub.get_dir() == before


@pytest.mark.parametrize("make", [Pann, Vggish])
def test_a_missing_checkpoint_is_named_and_nothing_is_fetched(make, tmp_path):
    with pytest.raises(MetricUnavailable, match=r"must be in folder.*fad_embedder=same"):
        make(folder=str(tmp_path)).load()
    with pytest.raises(
        MetricUnavailable,
        match=r"needs a folder with .*, and none is set; set fad_",
    ):
        make().load()


def test_a_torn_checkpoint_is_said(tmp_path):
    (tmp_path / Pann.file).write_bytes(b"torn")
    with pytest.raises(MetricUnavailable, match="cannot be read"):
        Pann(folder=str(tmp_path)).load()


def test_a_library_that_set_up_left_out_is_named_with_its_command(tmp_path, monkeypatch):
    (tmp_path / Pann.file).write_bytes(b"never read")
    monkeypatch.setattr(local_network, "IMPORTED", ("soundfile", "no_such_library"))
    expected = r"imports no_such_library, .*`pip install -c constraints.txt no_such_library`, or"
    with pytest.raises(MetricUnavailable, match=expected):
        Pann(folder=str(tmp_path)).load()


COMPILES = """
import sys, time
from earmark.embedders.pann import Pann

class Slow(Pann):
    def read(self, folder):
        begun = time.time()
        time.sleep(0.5)
        (folder / sys.argv[2]).write_text(f"{begun} {time.time()}")
        return object()

Slow(folder=sys.argv[1]).load()
"""


def test_one_process_at_a_time_imports_what_numba_compiles(tmp_path):
    (tmp_path / Pann.file).touch()
    line = [sys.executable, "-c", COMPILES, str(tmp_path)]
    processes = [subprocess.Popen([*line, name]) for name in ("a", "b", "c")]
    assert [process.wait(120) for process in processes] == [0, 0, 0]
    spans = sorted(times(tmp_path / name) for name in ("a", "b", "c"))
    for (_, ended), (begun, _) in pairwise(spans):
        assert ended <= begun


def times(file: Path) -> tuple[float, float]:
    begun, ended = map(float, file.read_text().split())
    return begun, ended
