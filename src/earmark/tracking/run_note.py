"""The note at the top of a run's page: what it is, how it did, how sure that is, and where to go.

Its neighbours are known once its sweep is finished: until then the note has two lines.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from earmark.analysis.conclusion import TierConclusion
from earmark.analysis.exclusion import words_of
from earmark.analysis.fad_reading import fad_reading
from earmark.analysis.labels import headline
from earmark.analysis.ranking import Rank
from earmark.records import Run
from earmark.report.table import MISSING, fad_name, number
from earmark.report.verdict import metric_words

BREAK = "  \n"  # a new line and no new paragraph: MLflow's page shows four lines


@dataclass(frozen=True, slots=True)
class Pages:
    """Links of MLflow's page: of a run by its key, and of the sweep's parent."""

    experiment: str
    parent_id: str
    run_ids: Mapping[str, str]

    def run(self, key: str, name: str) -> str:
        """A run by name, linked where the store holds it."""
        if key not in self.run_ids:
            return name
        return f"[{name}](#/experiments/{self.experiment}/runs/{self.run_ids[key]})"

    def artifact(self, run_id: str, path: str, name: str) -> str:
        """An artifact by name, linked."""
        return f"[{name}](#/experiments/{self.experiment}/runs/{run_id}/artifacts/{path})"


def run_note(run: Run) -> str:
    """What a person should read first on the run's page, as Markdown."""
    name, scores, config = headline(run), run.scores, run.config
    mark = ", a stand-in, never to be compared with CLAP" if run.facts.stand_in else ""
    what = (
        f"**{config.model.name}** on **{config.tier.name}**, {config.strategy.name}, "
        f"t{config.temperature:g}; scored by {name}{mark}"
    )
    error = f" ± {scores[f'{name}_se']:.3f}" if f"{name}_se" in scores else ""
    ends = [f"{end} {scores[end]:.3f}" for end in ("floor", "ceiling") if end in scores]
    fad = fad_reading(run)
    distance = f"of {fad.n} clips {fad.text}" if fad else MISSING
    how = (
        f"**{number(scores.get(name), '.3f')}**{error}, with failures at the floor "
        f"**{number(scores.get(f'{name}_floored'), '.3f')}** "
        f"({', '.join(ends) or 'no floor known'}); "
        f"{number(scores.get('valid_rate'), '.0%')} valid, {fad_name([run])} {distance}"
    )
    lines = [what, how]
    for one in run.excluded:
        lines.append(f"excluded by hand: {words_of(one, {run.key: 'this run'})} ({one.reason})")
    return BREAK.join(lines)


def placed_note(run: Run, tier: TierConclusion, pages: Pages) -> str:
    """The note of a run of a finished sweep: its place, the runs next to it, page and report."""
    by = tier.by_primary_metric.scored
    names = {one.run.key: one.name for one in tier.runs}
    at = next((i for i, one in enumerate(by) if one.run.key == run.key), None)
    words = metric_words(tier, tier.primary)
    if at is None:
        place = f"No place by {words}: it has no mean, or is not ranked"
    else:
        place = f"Place {by[at].places} of {len(by)} by {words}"
        neighbours = [("above", by[at - 1 : at]), ("below", by[at + 1 : at + 2])]
        for side, ranks in neighbours:
            place += "".join(f"; {side} {_linked(one, names, pages)}" for one in ranks)
    own = pages.run_ids.get(run.key, "")
    links = [
        pages.artifact(own, "listen.html", "listen"),
        pages.artifact(pages.parent_id, "leaderboard.html", "leaderboard"),
        pages.artifact(pages.parent_id, "report/report.html", "report"),
    ]
    return f"{run_note(run)}{BREAK}{place} · {' · '.join(links)}"


def _linked(one: Rank, names: Mapping[str, str], pages: Pages) -> str:
    mean = f" {one.mean.value:.3f}" if one.mean else ""
    return f"{pages.run(one.run.key, names.get(one.run.key, one.run.key))}{mean}"
