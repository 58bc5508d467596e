"""Brings the shards of one sweep together in one folder; nothing of a shard is changed.

Everything is copied, attempts before the record of their run, so that what was interrupted goes on
where it stopped. Numbers of a run whose parts come from several shards are made again here; a run
that no shard finished is left for the sweep's own line, which repeats nothing that is there.
"""

import shutil
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from earmark import paths
from earmark.analysis import baseline_clips
from earmark.analysis.baselines import kept_baselines, load_baselines
from earmark.analysis.exclusion import remade
from earmark.analysis.summary import pick_keys
from earmark.config.factory import design_of
from earmark.config.from_record import compose_from_record
from earmark.errors import ConfigError, HarnessError
from earmark.records import Attempt, Exclusion, Json, Run
from earmark.storage.atomic import read_json, replacing, write_json
from earmark.storage.exclusions import load_exclusions, save_exclusions
from earmark.storage.ratings import load_ratings, save_ratings
from earmark.storage.run_folder import RunFolder
from earmark.storage.shards import COPY_AGAIN, Part, Together, check_clip, load_parts, put_together
from earmark.storage.sweep_folder import SweepFolder
from earmark.storage.votes import ballots, keep_ballot, read_ballot
from earmark.sweep.exclude import DESCRIBED, apply, set_metrics_of

MERGED = "merged_from"
MAX_NAMED = 5
SHOWN_FACTS = ("started", "git")


@dataclass(frozen=True, slots=True)
class Merge:
    """What came of it: how many runs, what was held twice, which runs are not finished."""

    runs: int
    doubles: tuple[str, ...]
    unfinished: tuple[str, ...]


def find_shard(name: str) -> SweepFolder:
    """The sweep in a folder, or of a name. ConfigError where there is none."""
    path = Path(name)
    return SweepFolder(path) if (path / "sweep.json").is_file() else SweepFolder.find(name)


def merge(shards: Mapping[str, SweepFolder], into: SweepFolder, *, prefer: str | None) -> Merge:
    """Merge shards into a sweep that is new, or that an earlier merge began.

    Args:
        shards: by the name that messages give them.
        into: the sweep to be.
        prefer: the shard that is taken where two differ.

    Raises:
        ConfigError: shards that differ, or a sweep that is no merge.
        HarnessError: a shard that cannot be trusted: see storage.shards.
    """
    _check_target(shards, into)
    together = _together(shards, into, prefer)
    facts = _facts(shards, into, runs=len(together))
    into.path.mkdir(parents=True, exist_ok=True)
    into.save_facts(facts)
    exclusions = _exclusions([into, *shards.values()])
    if exclusions:
        save_exclusions(into.path, exclusions, applied=False)
    for shard in shards.values():
        _copy_baselines(shard, into)
        _copy_votes(shard, into)
    unfinished = []
    for one in together:
        target = RunFolder(into.path / one.parts[0].folder.path.name)
        _copy_attempts(one, target)
        run = _record(one, into)
        if run is None:
            unfinished.append(target.path.name)
        else:
            target.save_run(run)
    apply(into, exclusions)
    doubles = [name for one in together for name in one.doubles]
    return Merge(len(together), tuple(doubles), tuple(unfinished))


def _exclusions(folders: Sequence[SweepFolder]) -> list[Exclusion]:
    """What is excluded from any of them counts nowhere in the merge."""
    exclusions: dict[Exclusion, None] = {}
    for folder in folders:
        exclusions |= dict.fromkeys(load_exclusions(folder.path))
    return list(exclusions)


def _check_target(shards: Mapping[str, SweepFolder], into: SweepFolder) -> None:
    if into.path != paths.sweeps() / into.name or into.name.startswith("."):
        rule = "must be a folder name without / and no leading dot"
        raise ConfigError(f"--into {into.name}: {rule}")
    for name, shard in shards.items():
        if shard.path.resolve() == into.path.resolve():
            raise ConfigError(f"--into {into.name}: is the shard {name}; choose a new name")
    if into.path.is_dir() and MERGED not in into.facts():
        rule = "is a sweep of its own, and no shard is changed"
        raise ConfigError(f"--into {into.name}: {rule}; choose a new name, and name it as a shard")


def _together(
    shards: Mapping[str, SweepFolder], into: SweepFolder, prefer: str | None
) -> list[Together]:
    """The runs of all shards and of an earlier merge. ConfigError names where they differ."""
    if prefer is not None and prefer not in shards:
        raise ConfigError(f"--prefer {prefer}: must be one of the shards: {', '.join(shards)}")
    by_key: dict[str, list[Part]] = defaultdict(list)
    there = load_parts(into, into.name, checked=False) if into.path.is_dir() else []
    for name, shard in shards.items():
        there += load_parts(shard, name)
    for part in there:
        by_key[part.key].append(part)
    if not by_key:
        raise ConfigError(f"{', '.join(shards)}: hold no runs; name folders of sweeps")
    together = [put_together(one, prefer=prefer, into=into.name) for one in by_key.values()]
    conflicts = [name for one in together for name in one.conflicts]
    if conflicts:
        named = "\n\t".join(conflicts[:MAX_NAMED])
        more = f"\n\tand {len(conflicts) - MAX_NAMED} more" if len(conflicts) > MAX_NAMED else ""
        rule = "shards hold different content of one episode; say which one counts: --prefer SHARD"
        raise ConfigError(f"{rule}\n\t{named}{more}")
    return together


def _facts(shards: Mapping[str, SweepFolder], into: SweepFolder, *, runs: int) -> Json:
    """sweep.json of the merge; of the shards' own what a reader of numbers needs."""
    sources: list[Json] = []
    axes: dict[str, None] = {}
    for shard in shards.values():
        facts = shard.facts()
        kept = {name: str(facts[name])[:100] for name in SHOWN_FACTS if name in facts}
        sources.append({"sweep": shard.name, **kept})
        axes |= dict.fromkeys(_axes(shard, facts))
    before = into.facts()
    began = [one for one in before.get(MERGED, []) if one not in sources]
    there = len(list(into.path.glob("*/attempts")))
    return {
        "overrides": [],
        "axes": list({**dict.fromkeys(before.get("axes", ())), **axes}),
        "runs": max(runs, there, int(before.get("runs", 0))),
        MERGED: [*began, *sources],
    }


def _axes(shard: SweepFolder, facts: Json) -> list[str]:
    axes = facts.get("axes", [])
    if not isinstance(axes, list) or not all(isinstance(one, str) for one in axes):
        path = shard.path / "sweep.json"
        raise HarnessError(f"{path}: axes must be a list of names, got {axes!r}; {COPY_AGAIN}")
    return axes


def _copy_baselines(shard: SweepFolder, into: SweepFolder) -> None:
    """What scores are read against; names hold a digest of the content, so nothing is replaced."""
    for path in sorted(shard.path.glob("baselines/*.json")):
        baselines = load_baselines(path)
        if path.stem != f"{baselines.tier}-{baselines.id}":
            raise HarnessError(f"{path}: must be named {baselines.tier}-{baselines.id}.json")
        target = into.path / "baselines" / path.name
        baseline_clips.relink(path.with_suffix(""), target.with_suffix(""), without=())
        write_json(target, read_json(path))
    for path in sorted(shard.path.glob("references/*.json")):
        write_json(into.path / "references" / path.name, read_json(path))


def _copy_votes(shard: SweepFolder, into: SweepFolder) -> None:
    if ratings := load_ratings(shard.path):
        save_ratings(into.path, ratings)
    for path in ballots(shard.path):
        keep_ballot(into.path, read_ballot(path))


def _copy_attempts(one: Together, target: RunFolder) -> None:
    for pair, part in one.chosen.items():
        if part.folder == target:
            continue
        for attempt in part.episodes[pair]:
            record = part.folder.folder_of(attempt) / "attempt.json"
            there = target.folder_of(attempt) / "attempt.json"
            if not there.is_file():
                _copy_attempt(attempt, record.parent, target)
            elif read_json(there) != read_json(record):
                rule = f"is there from an earlier merge and differs from that of {part.shard}"
                hint = f"delete {target.path.parent} and merge again"
                raise HarnessError(f"{there}: {rule}; {hint}")


def _copy_attempt(attempt: Attempt, source: Path, target: RunFolder) -> None:
    """The sound and its picture are copied; every text is written anew from the record."""
    check_clip(attempt)
    wav = attempt.execution.wav if attempt.execution else None
    for name in ("out.png", *([Path(wav).name] if wav else [])):
        if (source / name).is_file():
            with replacing(target.folder_of(attempt) / name) as temporary:
                shutil.copyfile(source / name, temporary)
    target.save_attempt(attempt)


def _record(one: Together, into: SweepFolder) -> Run | None:
    """The record of a run in the merged sweep; None where no shard finished it."""
    finished = [part.run for part in one.parts if part.run is not None]
    if not finished:
        return None
    whole = one.whole.run if one.whole else None
    run = whole or _remade(finished[0], one, into)
    return replace(run, sweep=into.name, config=replace(run.config, name=into.name))


def _remade(run: Run, one: Together, into: SweepFolder) -> Run:
    """The record of a run whose episodes come from several shards, its numbers made again."""
    attempts: list[Attempt] = []
    for pair, part in sorted(one.chosen.items()):
        attempts += part.episodes[pair]
    config = compose_from_record(run.config, described=DESCRIBED)
    picked = pick_keys(attempts, design_of(config).strategy)
    baselines = kept_baselines(into.path, [run]).get(str(run.facts.baselines))
    mixed = replace(run, attempts=tuple(attempts), picked=picked)
    return remade(mixed, run, baselines=baselines, set_metrics=set_metrics_of(run))


def shards_of(names: Sequence[str]) -> dict[str, SweepFolder]:
    """The shards by the names that a person typed. ConfigError for one that is named twice."""
    shards = {name: find_shard(name) for name in names}
    places = [shard.path.resolve() for shard in shards.values()]
    if len(set(places)) < len(names):
        raise ConfigError(f"{', '.join(names)}: one shard is named twice; name each once")
    return shards
