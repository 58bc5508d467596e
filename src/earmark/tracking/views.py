"""A saved view of the MLflow runs: the columns and charts that a person sees first.

It is an experiment tag that MLflow's own interface reads. The tag's form is undocumented: a
release that changes it shows its usual view instead, and nothing is lost.
"""

import base64
import json
import zlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, uuid5

from earmark.metrics.fad import SIZES
from earmark.records import Json
from earmark.tracking.connection import ABOUT, NOTE

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run as MlflowRun

KEY = "earmark"
SWEPT = ("model", "tier", "strategy", "temperature")
SECTION = str(uuid5(NAMESPACE_URL, "earmark charts"))
TWO_WIDE = {"columns": 2, "cardHeight": 400, "isReordered": True, "isGenerated": False}
RUN_NAME = "attributes.`Run Name`"
NAME_PIXELS, PIXELS = 300, 180  # wide enough for a run's name and for a score's
MAX_PICTURES = 6  # tasks whose spectrograms are shown
MAX_RUNS = 1000  # newest runs that decide which scores the view shows


def save(client: "MlflowClient", experiment: str) -> str:
    """Write the view for the scores that the experiment's runs have.

    Returns the part of a link that follows the server's address and opens the view.
    """
    runs = client.search_runs([experiment], "tags.`earmark.kind` = 'run'", max_results=MAX_RUNS)
    headlines = sorted({run.data.params.get("embedder", "") for run in runs} - {""})
    pictured: set[str] = set()
    for run in runs:
        pictured.update(run.data.tags.get("earmark.pictured", "").split(","))
    # An axis with one value tells nothing.
    swept = [name for name in SWEPT if _count_values(runs, name) > 1]
    checked = any(
        "earmark.stand_in" in run.data.tags and "check_ok" in run.data.metrics for run in runs
    )
    view = state(
        headlines,
        first="check_ok" if checked else None,  # as the verdict has it
        fad=comparable_fad([run.data.metrics for run in runs]),
        swept=swept or SWEPT[:1],
        pictured=sorted(pictured - {""})[:MAX_PICTURES],
    )
    pipelines = [
        (run.data.params.get("embedder", ""), run.data.tags.get("earmark.pipeline", ""))
        for run in runs
    ]
    view["searchFilter"] += one_pipeline(pipelines)
    packed = base64.b64encode(zlib.compress(json.dumps(view).encode(), 9)).decode()
    # Constant times: writing the same view again must change nothing.
    tag = {
        "name": "Settings and scores",
        "createdAt": 0,
        "updatedAt": 0,
        "state": f"deflate;{packed}",
    }
    client.set_experiment_tag(experiment, f"mlflow.sharedViewState.{KEY}", json.dumps(tag))
    query = f"workflowType=machine_learning&viewStateShareKey={KEY}"
    table = f"#/experiments/{experiment}/runs?{query}"
    _describe(client, experiment, table)
    return f"{table}&compareRunsMode=CHART"


def _describe(client: "MlflowClient", experiment: str, view: str) -> None:
    """Say above each of the experiment's pages where to go: MLflow keeps no default view.

    What a person has written there stays.
    """
    place = f"#/experiments/{experiment}"
    newest = client.search_runs(
        [experiment],
        "tags.`earmark.kind` = 'sweep'",
        max_results=1,
        order_by=["attributes.start_time DESC"],
    )
    links = [
        *(f"[verdict of {one.info.run_name}]({place}/runs/{one.info.run_id})" for one in newest),
        f"[all runs by score]({view})",
        f"[compare two]({place}/evaluation-runs)",
        f"[listen]({place}/traces)",
    ]
    text = f"{ABOUT}: {' · '.join(links)}"
    there = client.get_experiment(experiment).tags.get(NOTE, "")
    if there != text and (not there or there.startswith(ABOUT)):
        client.set_experiment_tag(experiment, NOTE, text)


def comparable_fad(metrics: Sequence[Mapping[str, float]]) -> list[str]:
    """The metrics that show FAD of all runs at one number of clips, the value first, then its null.

    FAD of unequal n never shares a column; without a common n there is none.
    """
    scored = [one for one in metrics if "fad/n" in one]
    if len({(one["fad/n"], one.get("fad/n_reference")) for one in scored}) == 1:
        return ["fad", "fad_null", "fad/ratio", "fad/n", "fad/rank_deficient"]
    names = set(scored[0]).intersection(*scored) if scored else ()
    shared = [n for n in SIZES if f"fad/n{n}" in names]
    return [f"fad/n{shared[-1]}", f"fad/null_n{shared[-1]}"] if shared else []


def _count_values(runs: Sequence["MlflowRun"], name: str) -> int:
    return len({run.data.params.get(name) for run in runs})


def one_pipeline(pairs: Sequence[tuple[str, str]]) -> str:
    """A clause that keeps the newest pipeline where an embedder's scores come from several.

    `pairs` are embedder and pipeline of each run, the newest run first.
    """
    pipelines: dict[str, set[str]] = {}
    for embedder, pipeline in pairs:
        pipelines.setdefault(embedder, set()).add(pipeline)
    newest = pairs[0][1] if pairs else ""
    if not newest or all(len(ids) == 1 for ids in pipelines.values()):
        return ""
    return f" and tags.`earmark.pipeline` = '{newest}'"


def state(
    headlines: Sequence[str],
    *,
    first: str | None = None,
    fad: Sequence[str] = (),
    swept: Sequence[str] = SWEPT,
    pictured: Sequence[str] = (),
) -> Json:
    """The interface's state: columns, the filter for runs, charts of each score, spectrograms.

    Runs are in the order of the metric `first`, or of the floored score.
    """
    scores: list[str] = []
    shown: list[Json] = []
    for headline in headlines:
        scores += [f"{headline}_floored", headline, f"{headline}_se"]
        shown += charts(headline, fad=fad, swept=swept)
    order = first or next(iter(scores), None)
    leading = [first] if first else []
    names = dict.fromkeys([*leading, *scores, "check_ok", "valid_rate", *fad, "cost_usd"])
    metrics = [f"metrics.`{name}`" for name in names]
    columns = [*(f"params.`{name}`" for name in SWEPT), *metrics]
    widths = {f"metrics.`{name}`": PIXELS for name in scores}
    return {
        "searchFilter": "tags.`earmark.kind` = 'run'",
        "orderByKey": f"metrics.`{order}`" if order else "attributes.start_time",
        "orderByAsc": False,
        "selectedColumns": columns,
        "columnOrder": [RUN_NAME, *columns],
        "columnWidths": {RUN_NAME: NAME_PIXELS, **widths},
        "runsExpanded": {},
        "runsPinned": [],
        "runsHidden": [],
        "runsHiddenMode": "SHOWALL",
        "compareRunCharts": [*shown, *_pictures(pictured)],
        "compareRunSections": [
            {"uuid": SECTION, "name": "Runs compared", "display": True, **TWO_WIDE}
        ],
        "isAccordionReordered": True,
        "hideEmptyCharts": True,
    }


def charts(headline: str, *, fad: Sequence[str] = (), swept: Sequence[str] = SWEPT) -> list[Json]:
    """Parallel coordinates of the swept settings, score against FAD, and bars.

    There is no FAD of several tiers: each has its own recordings.
    """
    floored = f"{headline}_floored"
    parallel = _chart(
        "PARALLEL",
        headline,
        selectedParams=list(swept),
        selectedMetrics=[floored, "valid_rate"],
        showAllRuns=True,
    )
    scatters = []
    if fad and "tier" not in swept:
        axes = {"xaxis": _metric(fad[0]), "yaxis": _metric(headline)}
        scatters = [_chart("SCATTER", headline, **axes)]
    bars = [
        _chart("BAR", floored, metricKey=floored, displayName=floored),
        _chart("BAR", f"{headline} valid", metricKey="valid_rate", displayName="valid_rate"),
    ]
    return [parallel, *scatters, *bars]


def _pictures(names: Sequence[str]) -> list[Json]:
    about = {"imageKeys": list(names), "step": 0, "displayName": "spectrograms"}
    return [_chart("IMAGE", "spectrograms", **about)] if names else []


def _metric(name: str) -> Json:
    return {"key": name, "type": "METRIC"}


def _chart(kind: str, about: str, **settings: object) -> Json:
    return {
        "uuid": str(uuid5(NAMESPACE_URL, f"earmark {kind} {about}")),
        "type": kind,
        "metricSectionId": SECTION,
        "deleted": False,
        "isGenerated": False,
        "runsCountToCompare": 100,
        **settings,
    }
