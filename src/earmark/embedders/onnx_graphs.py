"""Networks as ONNX graphs that are made once: onnxruntime runs those of torch without its import,
and up to twice as fast.

    CACHE/graphs/NAME-KEY/facts.json    the digest of each file next to it, what `make` returned;
                                        or `failed`, the reason why there is no graph
    CACHE/graphs/NAME-KEY/*.onnx …

The key covers the bytes that a graph is made from and the versions of what makes and runs it, so
that a changed checkpoint or library is exported anew. A graph of torch is compared with it
(`require_close`) before it is kept. The runtime is no part of a pipeline id: its rows lie within
TOLERANCE of torch's, a hundredth of what the canary permits any library to move them.
"""

import logging
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from earmark import paths
from earmark.embedders.machine import machine, versions
from earmark.errors import EarmarkError
from earmark.identity import digest, file_digest
from earmark.records import Json
from earmark.storage.atomic import make_folder, read_json, write_json

TOLERANCE = 1e-5  # largest difference between two unit rows; 2e-6 is the most that was seen
VERSION = 1  # of what is exported, and of what it is compared with torch on
LIBRARIES = ("onnx", "onnxruntime", "tokenizers", "torch", "transformers")
OPSET = 17  # the newest that torch's TorchScript exporter writes with LayerNormalization whole
FACTS = "facts.json"
LOG = logging.getLogger("earmark")

T = TypeVar("T")


class ExportError(Exception):
    """There is no graph, or it differs from torch: the message is the reason."""


def graphs(
    name: str, content: str, load: Callable[[], T], make: Callable[[T, Path], Json]
) -> tuple[Path, Json]:
    """The folder of the graphs of a checkpoint, and the facts about them.

    Args:
        name: what the network is, for people who look into the cache.
        content: a digest of all bytes that the graphs are made from.
        load: reads the checkpoint; what it raises passes through.
        make: writes the graphs of it into a folder, compares those of torch with it and returns
            facts.

    Raises:
        ExportError: they cannot be made; the reason is kept, so that it is not tried again.
    """
    libraries = versions(LIBRARIES)
    key = digest([content, VERSION, TOLERANCE, libraries, machine()])[:16]
    folder = paths.cache() / "graphs" / f"{name}-{key}"
    facts = _read_facts(folder)
    if facts is None:
        with _locked(folder):
            facts = _read_facts(folder) or _make_checked(folder, load(), make, libraries)
    if "failed" in facts:
        raise ExportError(str(facts["failed"]))
    return folder, facts


def _read_facts(folder: Path) -> Json | None:
    """The facts of a whole folder; None where it is absent, or where a file has changed."""
    if not (folder / FACTS).is_file():
        return None
    facts = read_json(folder / FACTS)
    for name, expected in facts["files"].items():
        path = folder / name
        if not path.is_file() or file_digest(path) != expected:
            LOG.warning("%s: must be the file that was checked, it differs; made again", path)
            return None
    return facts


def _make_checked(
    folder: Path, loaded: T, make: Callable[[T, Path], Json], libraries: dict[str, str]
) -> Json:
    make_folder(folder)
    facts: Json
    with TemporaryDirectory(prefix=".new-", dir=folder) as temporary:
        working = Path(temporary)
        try:
            facts = make(loaded, working)
        except (EarmarkError, OSError, MemoryError):
            raise  # says nothing about the graph: a full disk, too little memory
        except Exception as error:  # noqa: BLE001  # an exporter raises anything
            facts = {"failed": " ".join(str(error).split())[:300] or type(error).__name__}
        files = [] if "failed" in facts else sorted(working.iterdir())
        facts = {**facts, "versions": libraries}
        facts["files"] = {path.name: file_digest(path) for path in files}
        for path in files:
            path.replace(folder / path.name)
    write_json(folder / FACTS, facts)
    return facts


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """One process at a time exports; the others wait, and then read what it made."""
    from filelock import FileLock

    make_folder(folder.parent)
    with FileLock(folder.with_suffix(".lock")):
        yield


def export(
    module: Any,  # noqa: ANN401  # a torch module
    example: Any,  # noqa: ANN401  # a tensor
    path: Path,
    *,
    input_name: str,
    free_axis: int | None = None,
) -> None:
    """Write a torch module of one input and one output, `rows`, as a graph.

    Args:
        module: the module.
        example: an input of it.
        path: the file.
        input_name: how the graph names its input.
        free_axis: an axis of the input that may have any length.
    """
    import warnings

    import torch

    axes = {} if free_axis is None else {input_name: {free_axis: "length"}}
    with warnings.catch_warnings(), torch.inference_mode():
        # The TorchScript exporter is deprecated, but the other one needs a package of its own; what
        # a trace may freeze is found by comparing the graph with torch at several lengths.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            module.eval(),
            (example,),
            str(path),
            dynamo=False,
            opset_version=OPSET,
            input_names=[input_name],
            output_names=["rows"],
            dynamic_axes=axes,
        )


def require_close(
    what: str, ours: Iterable[NDArray[np.floating]], of_torch: Iterable[NDArray[np.floating]]
) -> float:
    """The largest difference between the unit rows of a graph and of torch.

    Raises:
        ExportError: it is above TOLERANCE, or not a number.
    """
    difference = max(
        float(np.abs(_unit(a) - _unit(b)).max()) for a, b in zip(ours, of_torch, strict=True)
    )
    if not difference <= TOLERANCE:
        raise ExportError(
            f"{what}: rows must be within {TOLERANCE:g} of torch's, they differ by {difference:.1e}"
        )
    return difference


def session(network: Path, *, threads: int = 1) -> Any:  # noqa: ANN401  # onnxruntime ships no types
    """A session of onnxruntime whose threads sleep while they wait.

    Spinning ones take the cores from every neighbour, and are starved by it in turn.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(str(network), options, providers=["CPUExecutionProvider"])


def thread_count() -> int:
    """Threads for a large network: OMP_NUM_THREADS, else the processors that are ours."""
    named = os.environ.get("OMP_NUM_THREADS", "")
    if named.isdigit() and int(named) > 0:
        return int(named)
    affinity = getattr(os, "sched_getaffinity", None)  # Linux has it
    return len(affinity(0)) if affinity else os.cpu_count() or 1


@cache
def say_torch_runs(name: str, reason: str) -> None:
    """Log, once per process, that torch runs a network, and why."""
    LOG.warning("%s runs by torch, which is slower: %s", name, reason)


def _unit(row: NDArray[np.floating]) -> NDArray[np.float64]:
    wide = np.asarray(row, np.float64)
    return np.asarray(wide / np.linalg.norm(wide, axis=-1, keepdims=True))
