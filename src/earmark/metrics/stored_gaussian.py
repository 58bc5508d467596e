"""Mean and covariance of a reference's frames, on disk: fitted once for each set and embedder.

    CACHE/statistics/KEY.npz   mean (k,) and root (r, k) of a Gaussian, read back bit for bit

The key is made of the embedder's id and the clips' hashes, so that another file, order or pipeline
is another key. A file that cannot be read is computed again.
"""

import io
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from earmark import paths
from earmark.identity import digest
from earmark.metrics.frechet import Gaussian
from earmark.storage.atomic import write_bytes


def stored_gaussian(
    embedder_id: str, sha256s: Sequence[str], fit: Callable[[], Gaussian]
) -> Gaussian:
    """The Gaussian of a set of clips, fitted where it is not stored."""
    key = digest([embedder_id, list(sha256s)])[:32]
    path = paths.cache() / "statistics" / f"{key}.npz"
    if (known := _read(path)) is not None:
        return known
    fitted = fit()
    stream = io.BytesIO()
    np.savez(stream, mean=fitted.mean, root=fitted.root)
    write_bytes(path, stream.getvalue())
    return fitted


def _read(path: Path) -> Gaussian | None:
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return Gaussian(arrays["mean"], arrays["root"])
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):  # absent or torn
        return None
