"""How fast clips are scored, as ratios against the same networks by other paths, in one run.

    python benchmarks/hearing.py [--rounds N]

CLAP is of full size with random weights, which cost as much as trained ones, from files in a
temporary folder. Each round runs every path of a group once, so that what else the machine does
meets all of them alike; the table holds medians. Then the same beside a process that never rests.
Run it alone on the machine, without OMP_NUM_THREADS.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import librosa
import numpy as np
import soundfile
import torch
from librosa.onset import onset_detect
from torch.utils.flop_counter import FlopCounterMode
from transformers import ClapModel, ClapProcessor
from transformers.utils import logging

from earmark.audio import read_clip
from earmark.audio.onsets import onset_frames
from earmark.checks import SpecChecks
from earmark.checks.pyin import Tracker
from earmark.embedders import clap_torch, minilm, yamnet
from earmark.embedders.checkpoints import quiet
from earmark.embedders.clap import Clap
from earmark.embedders.known_sounds import known_sounds
from earmark.embedders.packaged import packaged_file
from earmark.embedders.waveform import resampled
from earmark.embedders.whisper_base import packaged
from earmark.embedders.yamnet_minilm import YamnetMinilm
from earmark.errors import MetricUnavailable
from earmark.records import Clip, Task
from earmark.testing.clap import save_checkpoint

RATE_HZ, SECONDS = 48000, 10
SIDE = 512  # of matrices that stay in a cache
SENTENCE = "the sound of a bell that rings twice in the rain"
# The first path of a group is what the others are compared with.
Paths = Mapping[str, Callable[[], object]]


def clap_paths(folder: Path, clip: Clip) -> Paths:
    """Audio rows: the bare forward pass of torch, the stock path from the file, and ours.

    And the limit of the processor: as many operations of float32 in products of matrices alone.
    """
    checkpoint = save_checkpoint(folder / "clap", full_size=True)
    with quiet():
        model = ClapModel.from_pretrained(checkpoint).eval()
        processor = ClapProcessor.from_pretrained(checkpoint)
    ours = Clap(checkpoint=str(checkpoint))
    sound = soundfile.read(clip.path, dtype="float32")[0]
    mels = torch.from_numpy(ours.load().mel.of(sound))[None, None]

    def stock() -> object:
        read, rate_hz = soundfile.read(clip.path, dtype="float32")
        inputs = processor(audio=read, sampling_rate=rate_hz, return_tensors="pt")
        with torch.inference_mode():
            return model.get_audio_features(**inputs).pooler_output

    def bare() -> object:
        with torch.inference_mode():
            return clap_torch.audio_rows(model, mels)

    with FlopCounterMode(display=False) as counted:
        bare()
    matrix = torch.rand(SIDE, SIDE)
    products = round(counted.get_total_flops() / (2 * SIDE**3))

    def limit() -> object:
        return [matrix @ matrix for _ in range(products)]

    return {
        "bare forward by torch": bare,
        "as many operations, products of matrices": limit,
        "stock transformers, from the file": stock,
        "ours, from the file": partial(ours.embed_audio, [clip]),
    }


def yamnet_paths(clip: Clip) -> Paths:
    """The stand-in's audio rows: the bare network, and ours from the file."""
    network = yamnet.Yamnet()
    session = network.load()
    sound = soundfile.read(clip.path, dtype="float32")[0]
    patches = yamnet.patches(resampled(sound, RATE_HZ, yamnet.RATE_HZ))

    def bare() -> object:
        return [session.run(None, {"patches": patches[k : k + 1]}) for k in range(len(patches))]

    return {
        "bare network by onnxruntime": bare,
        "ours, from the file": partial(YamnetMinilm().embed_audio, [clip]),
    }


def minilm_paths() -> Paths:
    """One sentence: the bare forward pass of torch, and ours."""
    folder = packaged_file(minilm.PACKAGE, minilm.FOLDER)
    model, encoder = minilm.read_model(folder), minilm.MiniLm()
    tokens = minilm.read_tokenizer(folder).encode(SENTENCE).ids
    return {
        "bare forward by torch, one thread": partial(minilm.by_torch(model), tokens),
        "ours, from words": partial(encoder.embed, [SENTENCE]),
    }


def onset_paths(clip: Clip) -> Paths:
    """The onsets of the signal facts: librosa's, and ours."""
    sound = soundfile.read(clip.path, dtype="float32")[0]
    return {
        "librosa.onset.onset_detect": lambda: onset_detect(y=sound, sr=RATE_HZ),
        "ours": lambda: onset_frames(sound, RATE_HZ),
    }


def pitch_paths(clip: Clip) -> Paths:
    """The pitch track of the checks: librosa's, and ours."""
    sound = soundfile.read(clip.path, dtype="float32")[0]
    mono = resampled(sound, RATE_HZ, 16000).astype(np.float64)
    tracker = Tracker(27.0, 4400.0, 16000, 2048, 160, 0.25)
    settings = {"fmin": 27.0, "fmax": 4400.0, "sr": 16000, "frame_length": 2048}
    return {
        "librosa.pyin": lambda: librosa.pyin(mono, hop_length=160, resolution=0.25, **settings),
        "ours": lambda: tracker.track(mono),
    }


def check_paths(clip: Clip) -> Paths:
    """A spec of pitch and onsets, from the file on; it has no peer."""
    task = Task("bell", "notes", "a bell", "", SECONDS, {"f0_hz": 660.0, "onset_count": [1, 9]})
    return {"ours, from the file": partial(SpecChecks().score, clip, task)}


def word_paths(clip: Clip) -> Paths:
    """The words in a clip without any, by the packaged recogniser; it has no peer."""
    sound = soundfile.read(clip.path, dtype="float32")[0]
    recogniser = packaged()
    speech = resampled(sound, RATE_HZ, 16000)
    return {recogniser.name: partial(recogniser.transcribe, speech)}


@contextmanager
def busy_neighbour() -> Iterator[None]:
    """One other process that never rests."""
    process = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        yield
    finally:
        process.kill()
        process.wait()


def measure(paths: Paths, rounds: int) -> dict[str, tuple[float, float]]:
    """Median seconds, and processor seconds of all threads, of each path."""
    spent: dict[str, list[tuple[float, float]]] = {name: [] for name in paths}
    for name, work in paths.items():
        work()  # what is made at the first call
        spent[name].clear()
    for _ in range(rounds):
        for name, work in paths.items():
            start, processor = time.perf_counter(), time.process_time()
            work()
            took = time.perf_counter() - start, time.process_time() - processor
            spent[name].append(took)
    return {
        name: (median(one for one, _ in times), median(cpu for _, cpu in times))
        for name, times in spent.items()
    }


def report(group: str, paths: Paths, rounds: int) -> None:
    """One line of the table for each path; what has no peer has no ratio."""
    alone = measure(paths, rounds)
    with busy_neighbour():
        busy = measure(paths, rounds)
    first = next(iter(paths))
    for name in paths:
        cells = [f"{group}: {name:40}"]
        for times in (alone, busy):
            cells.append(f"{1 / times[name][0]:7.2f}")
            ratio = f"{times[first][0] / times[name][0]:5.2f}" if len(paths) > 1 else "     "
            cells.append(ratio)
        print(" | ".join([*cells, f"{1000 * alone[name][1]:7.1f}"]), flush=True)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=15)
    rounds = parser.parse_args().rounds
    logging.set_verbosity_error()
    print(f"{os.cpu_count()} processors, torch uses {torch.get_num_threads()} threads")
    print("calls per second alone | times the first | beside a busy process | times | processor ms")
    with TemporaryDirectory() as place:
        os.environ["EARMARK_CACHE"] = str(Path(place) / "cache")
        clip = _clip(Path(place))
        report("clap", clap_paths(Path(place), clip), rounds)
        for group, make in (
            ("yamnet", partial(yamnet_paths, clip)),
            ("minilm", minilm_paths),
            ("onsets", partial(onset_paths, clip)),
            ("pitch", partial(pitch_paths, clip)),
            ("checks", partial(check_paths, clip)),
            ("words", partial(word_paths, clip)),
        ):
            try:
                report(group, make(), rounds)
            except MetricUnavailable as error:
                print(f"{group}: left out: {error}")


def _clip(folder: Path) -> Clip:
    """Ten seconds of a bell that rings again and again."""
    sound = np.resize(known_sounds()["bell"], SECONDS * RATE_HZ)
    soundfile.write(folder / "bell.wav", sound, RATE_HZ, subtype="PCM_16")
    return read_clip(folder / "bell.wav")


if __name__ == "__main__":
    main()
