"""`earmark doctor`: what works on this machine, and what to do about the rest.

It calls no model, fetches nothing and changes nothing, unless `--mend` asks it to bring the
tracking store to what the sweeps' folders hold.
"""

import argparse
import json
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from queue import SimpleQueue
from threading import Thread
from urllib.parse import urlsplit

import numpy as np

from earmark.checks.detectors import Recogniser
from earmark.checks.sound import RATE_HZ
from earmark.commands._doctor_store import Finding, broken, look_at_store, mend_store
from earmark.config.build import build
from earmark.config.choices import compose_choices
from earmark.config.compose import compose, compose_groups, config_of
from earmark.config.schema import RunConfig
from earmark.embedders import AudioEmbedder, Preloadable
from earmark.errors import (
    EarmarkError,
    ModelUnavailable,
    printable,
)
from earmark.models import preflight
from earmark.records import Json
from earmark.references import Reference
from earmark.run import reference_words
from earmark.sandbox import probe
from earmark.sweep import store_process
from earmark.tracking.mlflow_store import MlflowTracker

LOCAL = ("127.0.0.1", "localhost", "::1")
CONNECT_SECONDS = 0.5
TIERS = ("notes", "environment", "speech")
NEEDED = ("isolation", "model", "store")  # of each area one thing must work


Area = Callable[[], Iterator[Finding]]


def main(argv: list[str]) -> int:
    """Print the findings. Returns 0 when a sweep can run here, else 1."""
    parser = argparse.ArgumentParser(prog="earmark doctor", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print a list of findings")
    parser.add_argument(
        "--mend", action="store_true", help="repair the tracking store, and look at nothing else"
    )
    args = parser.parse_args(argv)
    if args.mend:
        return mend_store(_tracker(compose([])))
    findings: list[Finding] = []
    for one in look():
        if not args.json:
            first = not findings or findings[-1].area != one.area
            print("\n".join(map(_safe, _lines(one, first=first))), flush=True)
        findings.append(one)
    if args.json:
        print(json.dumps([asdict(finding) for finding in findings], indent=1))
    working = {finding.area for finding in findings if finding.works}
    return 0 if working.issuperset(NEEDED) else 1


def look() -> Iterator[Finding]:
    """Every finding, area by area, as soon as it is known and those before it are.

    What waits for processes and servers is looked at meanwhile. What imports libraries is looked
    at one after another: not all of them bear to be imported by several threads.
    """
    store_process.begin()
    groups = compose_groups([])
    config = config_of(groups)
    models, store = partial(_models, groups), partial(_store, config)
    words, references = partial(_words, config), partial(_references, config)
    areas: tuple[Area, ...]
    areas = (_isolation, partial(_embedders, groups), words, models, references, store)
    known: dict[Area, SimpleQueue[Finding | BaseException | None]]
    known = {area: SimpleQueue() for area in areas}
    waiting = (_isolation, models, store)
    for lane in (*((area,) for area in waiting), [one for one in areas if one not in waiting]):
        Thread(target=_look_at, args=(lane, known), daemon=True).start()
    for area in areas:
        while (found := known[area].get()) is not None:
            if isinstance(found, BaseException):
                raise found
            yield found


def _look_at(
    areas: Sequence[Area], known: Mapping[Area, SimpleQueue[Finding | BaseException | None]]
) -> None:
    """Look at areas one after another; None ends the findings of each."""
    for area in areas:
        try:
            for finding in area():
                known[area].put(finding)
        except BaseException as error:  # noqa: BLE001  it is raised again where it is awaited
            known[area].put(error)
        known[area].put(None)


def _isolation() -> Iterator[Finding]:
    for one in probe.report():
        works, why, hint = bool(one["works"]), str(one["why"]), str(one.get("hint", ""))
        yield Finding("isolation", str(one["isolation"]), works, why, hint)


def _embedders(groups: Json) -> Iterator[Finding]:
    for name, composed in compose_choices(groups, "embedder").items():
        yield _try("embedder", name, partial(_load, composed))


def _load(composed: Callable[[], RunConfig]) -> str:
    embedder: AudioEmbedder = build(composed().embedder)
    if isinstance(embedder, Preloadable):
        embedder.load()
    return "loads; a stand-in, never to be compared with CLAP" if embedder.standin else "loads"


def _words(config: RunConfig) -> Iterator[Finding]:
    recogniser: Recogniser = build(config.metric.clip["checks"]).detectors.recogniser
    yield _try("words", recogniser.name, lambda: _transcribe(recogniser))


def _transcribe(recogniser: Recogniser) -> str:
    # Whatever it makes of a tone: its weights are read.
    recogniser.transcribe(np.sin(np.arange(RATE_HZ) / 10))
    if recogniser.name == "whisper_base":
        return "recognises words"
    return "recognises words, in place of whisper_base, which is not installed"


def _models(groups: Json) -> Iterator[Finding]:
    for name, composed in compose_choices(groups, "model").items():
        yield _try("model", name, partial(_preflight, composed))


def _preflight(composed: Callable[[], RunConfig]) -> str:
    model = composed().model
    preflight(build(model))
    address = urlsplit(model.settings.get("api_base") or "")
    if address.hostname in LOCAL:
        _connect(str(address.hostname), address.port or 80)
    if model.baseline:
        return "baseline"
    return "smoke model, not to be ranked" if model.smoke else "ready"


def _connect(host: str, port: int) -> None:
    """Does anything listen there? Nothing is sent."""
    try:
        socket.create_connection((host, port), timeout=CONNECT_SECONDS).close()
    except OSError as error:
        hint = "start the server, or set its address (docs/models.md)"
        raise ModelUnavailable(f"nothing listens on {host}:{port}; {hint}") from error


def _references(config: RunConfig) -> Iterator[Finding]:
    for tier in TIERS:
        yield _try("reference", tier, partial(_reference, config, tier))


def _reference(config: RunConfig, tier: str) -> str:
    reference: Reference = build(config.reference)
    return reference_words(reference.for_tier(tier))


def _store(config: RunConfig) -> Iterator[Finding]:
    yield from store_process.call(look_at_store, _tracker(config))


def _tracker(config: RunConfig) -> MlflowTracker:
    tracker: MlflowTracker = build(config.tracking)
    return tracker


def _try(area: str, name: str, see: Callable[[], str]) -> Finding:
    try:
        return Finding(area, name, True, see())
    except EarmarkError as error:
        return broken(area, name, error)


def _safe(text: str) -> str:
    """Names of runs and sweeps may be anybody's."""
    return printable(text, keep="\n")


def _lines(one: Finding, *, first: bool) -> Iterator[str]:
    if first:  # of its area
        yield f"\n{one.area}"
    yield f"  {'works' if one.works else '  -  '}  {one.name:20} {one.seen}"
    if one.hint:
        yield f"{'':30}{one.hint}"
