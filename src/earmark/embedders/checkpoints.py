"""Checkpoints of transformers: found in a folder or on the hub, without long waits and without noise on the terminal.

In: a hub name or a folder. Out: whether it can be had, and what identifies its bytes. It loads no weights.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from earmark.identity import digest, file_digest


@contextmanager
def quiet() -> Iterator[None]:
    """Without transformers' progress bars and load reports, which would cut through our own lines."""
    from transformers import logging

    before, shown = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(before)
        if shown:
            logging.enable_progress_bar()


def folder_of(checkpoint: str) -> Path | None:
    """The folder that holds a checkpoint on this machine: the path itself, or the hub's cache; None when there is none."""
    path = Path(checkpoint).expanduser()
    if path.is_dir():
        return path
    from huggingface_hub import try_to_load_from_cache

    for name in ("model.safetensors", "pytorch_model.bin"):
        found = _cached(try_to_load_from_cache, checkpoint, name)
        if found is not None:
            return found.parent
    return None


def _cached(look: object, checkpoint: str, name: str) -> Path | None:
    from huggingface_hub.errors import HFValidationError

    try:
        found = look(checkpoint, name)  # type: ignore[operator]  # a function of huggingface_hub, handed in
    except HFValidationError:  # a path that does not exist is no hub name either
        return None
    return Path(found) if isinstance(found, str) else None


def unreachable(checkpoint: str, *, seconds: float) -> str | None:
    """Why a hub checkpoint cannot be reached within `seconds`, or None. Never waits longer, whatever the network does."""
    if os.environ.get("HF_HUB_OFFLINE", "") in ("1", "true", "True"):
        return "the hub is switched off by HF_HUB_OFFLINE"
    said: list[str | None] = []
    asking = threading.Thread(target=lambda: said.append(_asked(checkpoint, seconds)), daemon=True)
    asking.start()
    asking.join(seconds)
    return said[0] if said else f"the hub did not answer within {seconds:g} s"


def _asked(checkpoint: str, seconds: float) -> str | None:
    import httpx
    from huggingface_hub import hf_hub_url
    from huggingface_hub.errors import HFValidationError

    try:
        answer = httpx.head(
            hf_hub_url(checkpoint, "config.json"), timeout=seconds, follow_redirects=True
        )
    except (httpx.HTTPError, OSError) as error:
        return f"the hub cannot be reached ({error.__class__.__name__})"
    except HFValidationError:
        return "it is neither a folder nor a hub name"
    return None if answer.is_success else f"the hub answered {answer.status_code}"


def bytes_digest(folder: Path) -> str:
    """Eight hex digits over the weights and configuration files of a checkpoint."""
    names = sorted(
        path
        for path in folder.iterdir()
        if path.suffix in (".safetensors", ".bin", ".json", ".txt")
    )
    return digest([[path.name, file_digest(path)] for path in names])[:8]
