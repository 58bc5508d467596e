"""The note at the top of a run's page: what it is, how it did, how sure that is, and where to go.

Its neighbours are known once its sweep is finished: until then the note has two lines.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from earmark.analysis.conclusion import TierConclusion
from earmark.analysis.exclusion import words_of
from earmark.analysis.fad_reading import fad_reading
from earmark.analysis.grid import episode_scores
from earmark.analysis.labels import headline
from earmark.analysis.ranking import Rank
from earmark.analysis.scores import means_by_task
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

    def comparison(self, key: str, other: str) -> str:
        """The page that compares two runs task by task, linked where the store holds both."""
        if key not in self.run_ids or other not in self.run_ids:
            return ""
        pair = f"selectedRunUuid={self.run_ids[key]}&compareToRunUuid={self.run_ids[other]}"
        return f"[task by task](#/experiments/{self.experiment}/evaluation-runs?{pair})"

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
    """The note of a run of a finished sweep: its place and where to go, the runs next to it."""
    by = tier.by_primary_metric.scored
    at = next((i for i, one in enumerate(by) if one.run.key == run.key), None)
    words = metric_words(tier, tier.primary)
    neighbours: list[str] = []
    if at is None:
        place = f"No place by {words}: it has no mean, or is not ranked"
    else:
        place = f"Place {by[at].places} of {len(by)} by {words}"
        for side, ranks in (("above", by[max(at - 1, 0) : at]), ("below", by[at + 1 : at + 2])):
            neighbours += [f"{side} {_neighbour(run, one, tier, pages)}" for one in ranks]
    own = pages.run_ids.get(run.key, "")
    links = [
        pages.artifact(own, "listen.html", "listen"),
        pages.artifact(pages.parent_id, "leaderboard.html", "leaderboard"),
        pages.artifact(pages.parent_id, "report/report.html", "report"),
    ]
    lines = [run_note(run), " · ".join([place, *links]), "; ".join(neighbours)]
    return BREAK.join(filter(None, lines))


def _neighbour(run: Run, one: Rank, tier: TierConclusion, pages: Pages) -> str:
    """A run by name and mean, where the two differ most, and their comparison task by task."""
    names = {each.run.key: each.name for each in tier.runs}
    mean = f" {one.mean.value:.3f}" if one.mean else ""
    text = f"{pages.run(one.run.key, names.get(one.run.key, one.run.key))}{mean}"
    if widest := widest_difference(run, one.run, tier.primary):
        task, difference = widest
        text += f", most different on {task} ({difference:+.3f})"
    compared = pages.comparison(run.key, one.run.key)
    return f"{text}, {compared}" if compared else text


def widest_difference(run: Run, other: Run, metric: str) -> tuple[str, float] | None:
    """The task on which two runs differ most, and by how much the first is higher; None if none."""
    means = [_task_means(each, metric) for each in (run, other)]
    shared = sorted(set(means[0]) & set(means[1]))
    differences = {task: means[0][task] - means[1][task] for task in shared}
    task = max(shared, key=lambda each: abs(differences[each]), default="")
    return (task, differences[task]) if differences.get(task) else None


def _task_means(run: Run, metric: str) -> dict[str, float]:
    scores = episode_scores(run, metric)
    return {} if isinstance(scores, str) else means_by_task(scores)
