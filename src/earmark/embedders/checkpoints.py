"""Checkpoints of transformers: find them in a folder or on the hub, without long waits or noise."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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


@contextmanager
def quiet() -> Iterator[None]:
    """Switch off the progress bars and load reports of transformers."""
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
    except HFValidationError:  # a path that does not exist is no hub name either
        return None
    return Path(path) if isinstance(path, str) else None


def unreachable(checkpoint: str, *, seconds: float) -> str | None:
    """Why a hub checkpoint cannot be reached, or None. Returns within `seconds` on any network."""
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


def bytes_digest(folder: Path) -> str:
    """Eight hex digits over the weights and configuration files of a checkpoint."""
    suffixes = (".safetensors", ".bin", ".json", ".txt")
    files = sorted(path for path in folder.iterdir() if path.suffix in suffixes)
    return digest([[path.name, file_digest(path)] for path in files])[:8]


def one_line(error: Exception, *, length: int = 200) -> str:
    """An error of another library as one short line."""
    return " ".join(str(error).split())[:length]
