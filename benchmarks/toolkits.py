"""Compare our distances with the formulas of fadtk and kadtk: results and time.

It takes a folder made by `pip install --no-deps --target FOLDER fadtk==1.1.0 kadtk==1.1.0`, and
prints a table. Neither can be installed together with earmark (fadtk 1.1.0 wants numpy < 2 and
transformers < 5, kadtk 1.1.0 also torch < 2.6 and tensorflow), and importing either imports all its
models. So their functions alone are taken from their files and run as they are.
"""

import argparse
import ast
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from scipy import linalg
from scoring import seconds

from earmark.metrics.frechet import frechet, one_thread
from earmark.metrics.kernel import bandwidth, kad

Work = Callable[[], float]


def functions(path: Path, **given: object) -> dict[str, Any]:
    """The module-level functions of a file; `given` replaces what they need of its imports."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    tree.body = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    for node in tree.body:
        node.decorator_list = []  # type: ignore[attr-defined]  # all are functions
    made: dict[str, Any] = dict(given)
    exec(
        compile("from __future__ import annotations\n" + ast.unparse(tree), str(path), "exec"), made
    )  # their code, as installed
    return made


def main(folder: Path) -> None:
    """Rows as CLAP's: 512 columns, 600 against 1,000."""
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(600, 512)), 1.2 * rng.normal(size=(1000, 512))
    quiet = type("Log", (), {"info": print, "warning": print, "error": print})
    fadtk = functions(
        folder / "fadtk" / "fad.py",
        np=np,
        linalg=linalg,
        scisqrt=np.emath.sqrt,
        log=quiet,
        torch=torch,
    )
    kadtk = functions(folder / "kadtk" / "kad.py", np=np, torch=torch, SCALE_FACTOR=100)

    def their_fad() -> float:
        statistics = [fadtk["calc_embd_statistics"](rows) for rows in (a, b)]
        return float(fadtk["calc_frechet_distance"](*statistics[0], *statistics[1]))

    def their_kad() -> float:
        rows = [torch.from_numpy(one) for one in (a, b)]
        said = kadtk["calc_kernel_audio_distance"](
            *rows, (None, None), "cpu", precision=torch.float64
        )
        return float(said) / 100  # they scale by a hundred

    with one_thread():
        sigma = bandwidth(b)
        pairs: tuple[tuple[str, Work, Work], ...] = (
            ("fad against fadtk", lambda: frechet(a, b), their_fad),
            ("kad against kadtk", lambda: kad(a, b, sigma=sigma)[0], their_kad),
        )
        for name, ours, theirs in pairs:
            spent, peers = seconds(ours, 3), seconds(theirs, 3)
            print(
                f"{name}  {spent * 1e3:8.1f} ms, theirs {peers * 1e3:8.1f} ms"
                f" ({peers / spent:.1f} times)  {ours():.6f} {theirs():.6f}"
            )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Our distances against the toolkits'.")
    parser.add_argument("folder", type=Path, help="where pip put fadtk and kadtk")
    main(parser.parse_args().folder)
