"""Checkpoints of transformers: find them in a folder or on the hub, without long waits or noise."""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from earmark.identity import digest, file_digest

# What transformers raises for a folder that does not hold the wanted checkpoint.
LOAD_ERRORS = (
    OSError,
    ValueError,
    RuntimeError,
    ImportError,
    KeyError,
    TypeError,
    AttributeError,
)
PROBE_SECONDS = 5.0  # how long the hub may take to answer

T = TypeVar("T")


def load_checkpoint(
    checkpoint: str, read: Callable[[str], T], *, error: Callable[[str], Exception]
) -> T:
    """What `read` makes of a checkpoint.

    Args:
        checkpoint: a folder, or a hub name.
        read: reads it with transformers.
        error: makes what is raised where that fails, from the reason.
    """
    if (reason := unreachable(checkpoint)) is not None:
        raise error(reason)
    try:
        return read(checkpoint)
    except LOAD_ERRORS as cause:
        raise error(one_line(cause)) from cause


def read_model(kind: Any, checkpoint: str, *, device: str = "cpu") -> Any:  # noqa: ANN401  classes of transformers: no types
    """A model, in evaluation mode.

    Raises:
        ValueError: tensors are missing, which transformers would make up at random.
    """
    model, report = kind.from_pretrained(checkpoint, output_loading_info=True)
    if missing := sorted(report["missing_keys"]):
        lacks = f"its weights lack {len(missing)} tensors, the first is {missing[0]}"
        raise ValueError(f"{lacks}; they would be random")
    # Single precision, whatever the file holds: half precision meets float32 windows and fails.
    return model.eval().float().to(device)


@contextmanager
def quiet() -> Iterator[None]:
    """Switch off the progress bars and load reports of transformers; also as a decorator."""
    from transformers import logging

    verbosity, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(verbosity)
        if bars:
            logging.enable_progress_bar()


def folder_of(checkpoint: str) -> Path | None:
    """The local folder of a checkpoint: the path itself, or the hub's cache, or None."""
    path = Path(checkpoint).expanduser()
    if path.is_dir():
        return path
    for name in ("model.safetensors", "pytorch_model.bin"):
        if (file := _cached_file(checkpoint, name)) is not None:
            return file.parent
    return None


def _cached_file(checkpoint: str, name: str) -> Path | None:
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    try:
        path = try_to_load_from_cache(checkpoint, name)
    except HFValidationError:  # nor is a path that does not exist a hub name
        return None
    return Path(path) if isinstance(path, str) else None


def unreachable(checkpoint: str, *, seconds: float = PROBE_SECONDS) -> str | None:
    """Why a checkpoint is neither in a folder nor to be had from the hub, or None.

    Loads nothing, and returns within `seconds` on any network.
    """
    if folder_of(checkpoint) is not None:
        return None
    if os.environ.get("HF_HUB_OFFLINE", "") in ("1", "true", "True"):
        return "the hub is switched off by HF_HUB_OFFLINE"
    answers: list[str | None] = []
    probe = threading.Thread(
        target=lambda: answers.append(_probe(checkpoint, seconds)), daemon=True
    )
    probe.start()
    probe.join(seconds)
    return answers[0] if answers else f"the hub did not answer within {seconds:g} s"


def _probe(checkpoint: str, seconds: float) -> str | None:
    import httpx
    from huggingface_hub import hf_hub_url
    from huggingface_hub.errors import HFValidationError

    try:
        url = hf_hub_url(checkpoint, "config.json")
        answer = httpx.head(url, timeout=seconds, follow_redirects=True)
    except (httpx.HTTPError, OSError) as error:
        return f"the hub cannot be reached ({error.__class__.__name__})"
    except HFValidationError:
        return "it is neither a folder nor a hub name"
    return None if answer.is_success else f"the hub answered {answer.status_code}"


def checkpoint_digest(checkpoint: str) -> str:
    """bytes_digest of a checkpoint's folder, or `hub` where none is local."""
    folder = folder_of(checkpoint)
    return "hub" if folder is None else bytes_digest(folder)


def bytes_digest(folder: Path) -> str:
    """Eight hex digits of `content_digest`."""
    return content_digest(folder)[:8]


def content_digest(folder: Path) -> str:
    """SHA-256 hex over the weights and configuration files of a checkpoint."""
    suffixes = (".safetensors", ".bin", ".json", ".txt")
    files = sorted(path for path in folder.iterdir() if path.suffix in suffixes)
    return digest([[path.name, file_digest(path)] for path in files])


def one_line(error: Exception, *, length: int = 200) -> str:
    """An error of another library as one short line."""
    return " ".join(str(error).split())[:length]
