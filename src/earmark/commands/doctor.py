"""`earmark doctor`: what works on this machine, and what to do about the rest.

In: nothing but the machine. Out: findings, as text or JSON. It asks no model and fetches nothing. It only looks, unless it is told to mend
the tracking store: then the store is brought to what the sweeps' folders hold.
"""

import argparse
import json
import socket
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np

from earmark import paths
from earmark.checks.recognisers import Recogniser
from earmark.checks.sound import RATE_HZ
from earmark.config.build import build
from earmark.config.compose import choices, compose
from earmark.errors import EarmarkError, HarnessError, ModelUnavailable, TrackingUnavailable
from earmark.models import preflight
from earmark.sandbox import probe
from earmark.storage.sweep_folder import all_sweeps
from earmark.tracking import health
from earmark.tracking.mlflow_store import MlflowTracker

LOCAL = ("127.0.0.1", "localhost", "::1")
CONNECT_SECONDS = 0.5
TIERS = ("notes", "environment", "speech")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: does it work, what was seen, what to do."""

    area: str
    name: str
    works: bool
    seen: str
    hint: str = ""


def main(argv: list[str]) -> int:
    """Print the findings. Returns 0 when a sweep can run here: some isolation, some model, a store; else 1."""
    parser = argparse.ArgumentParser(prog="earmark doctor", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print a list of findings")
    parser.add_argument(
        "--mend",
        action="store_true",
        help="put right what is wrong with the tracking store, and look at it alone",
    )
    wanted = parser.parse_args(argv)
    if wanted.mend:
        return _mended()
    findings = list(look())
    if wanted.json:
        print(json.dumps([asdict(finding) for finding in findings], indent=1))
    else:
        print("\n".join(_lines(findings)))
    return (
        0
        if all(
            any(f.works for f in findings if f.area == area)
            for area in ("isolation", "model", "store")
        )
        else 1
    )


def look() -> Iterator[Finding]:
    """Every finding, area by area."""
    for area in (_isolation, _embedders, _words, _models, _references, _store):
        yield from area()


def _isolation() -> Iterator[Finding]:
    for one in probe.report():
        yield Finding(
            "isolation",
            str(one["isolation"]),
            bool(one["works"]),
            str(one["why"]),
            str(one.get("hint", "")),
        )


def _embedders() -> Iterator[Finding]:
    for name in choices("embedder"):
        yield _tried("embedder", name, partial(_load, name))


def _load(name: str) -> str:
    ear = build(compose([f"embedder={name}"]).embedder)
    if hasattr(ear, "load"):
        ear.load()
    return "loads; a stand-in, never to be compared with CLAP" if ear.standin else "loads"


def _words() -> Iterator[Finding]:
    recogniser = build(compose([]).metric.clip["checks"]).ears.recogniser
    yield _tried("words", recogniser.name, lambda: _hears(recogniser))


def _hears(recogniser: Recogniser) -> str:
    recogniser.hear(
        np.sin(np.arange(RATE_HZ) / 10)
    )  # whatever it makes of it: its weights are read
    return (
        "hears"
        if recogniser.name == "whisper_base"
        else "hears, in place of whisper_base, which is not installed"
    )


def _models() -> Iterator[Finding]:
    for name in choices("model"):
        yield _tried("model", name, partial(_ready, name))


def _ready(name: str) -> str:
    model = compose([f"model={name}"]).model
    preflight(build(model))
    if (address := urlsplit(model.settings.get("api_base") or "")).hostname in LOCAL:
        _answers(str(address.hostname), address.port or 80)
    return (
        "baseline"
        if model.baseline
        else "smoke backend, never to be ranked"
        if model.smoke
        else "ready to be asked"
    )


def _answers(host: str, port: int) -> None:
    """Does anything listen there? Nothing is sent."""
    try:
        socket.create_connection((host, port), timeout=CONNECT_SECONDS).close()
    except OSError as error:
        raise ModelUnavailable(
            f"nothing listens on {host}:{port}; start the server, or set its address (docs/models.md)"
        ) from error


def _references() -> Iterator[Finding]:
    for tier in TIERS:
        yield _tried("reference", tier, partial(_reference, tier))


def _reference(tier: str) -> str:
    found = build(compose([f"tier={tier}"]).reference).for_tier(tier)
    return f"{len(found.clips)} {'clips rendered here, no recordings' if found.rendered else 'recordings'}"


def _store() -> Iterator[Finding]:
    yield _tried("store", "mlflow", lambda: str(_tracker().reachable()))
    try:
        yield from (Finding("runs", one.kind, False, one.message, one.hint) for one in _problems())
    except TrackingUnavailable:
        pass  # said above already
    except HarnessError as error:
        yield _unable("runs", "damaged", error)
    yield Finding("folder", "root", True, f"multirun/ and mlruns/ are in {paths.root()}")


def _tracker() -> MlflowTracker:
    tracker: MlflowTracker = build(compose([]).tracking)
    return tracker


def _problems() -> list[health.Problem]:
    folders = all_sweeps()
    mounts = Path(
        "/proc/mounts"
    )  # Linux has it; elsewhere a network's file system is not told from a disk
    return health.find_problems(
        _tracker(), folders, mounts=mounts.read_text(encoding="utf-8") if mounts.is_file() else ""
    )


def _mended() -> int:
    """Mend until a look finds nothing new to mend. Returns 0, or 1 when something is left for a person."""
    before: list[health.Problem] = []
    problems = _problems()
    while problems and problems != before:
        print("\n".join(f"mending  {one.kind:12} {one.message}" for one in problems), flush=True)
        health.mend(_tracker(), problems)
        before, problems = problems, _problems()
    print(
        "\n".join(f"left     {one.kind:12} {one.message}; {one.hint}" for one in problems)
        or "the store holds what the folders hold"
    )
    return 1 if problems else 0


def _tried(area: str, name: str, see: Callable[[], str]) -> Finding:
    try:
        return Finding(area, name, True, see())
    except EarmarkError as error:
        return _unable(area, name, error)


def _unable(area: str, name: str, error: EarmarkError) -> Finding:
    seen, _, hint = str(error).partition("; ")
    return Finding(area, name, False, seen, hint)


def _lines(findings: list[Finding]) -> Iterator[str]:
    area = ""
    for one in findings:
        if one.area != area:
            area = one.area
            yield f"\n{area}"
        yield f"  {'works' if one.works else '  -  '}  {one.name:20} {one.seen}" + (
            f"\n{'':30}{one.hint}" if one.hint else ""
        )
