"""A saved view of the runs: which columns and charts a person should see first.

In: a client and an experiment. Out: an experiment tag that MLflow's own interface reads, and the part of a link that opens it. The form of
the tag is the interface's own and undocumented: a release that changes it shows its usual view instead, and nothing is lost.
"""

import base64
import json
import zlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_URL, uuid5

from earmark.records import Json

if TYPE_CHECKING:
    from mlflow import MlflowClient

KEY = "earmark"
SWEPT = ("model", "tier", "strategy", "temperature")
SECTION = str(uuid5(NAMESPACE_URL, "earmark charts"))
TWO_WIDE = {"columns": 2, "cardHeight": 400, "isReordered": True, "isGenerated": False}
PICTURES = 6  # tasks whose spectrograms are shown
LOOKED_AT = 1000  # newest runs that decide which score the view shows


def save(client: "MlflowClient", experiment: str) -> str:
    """Write the view for the scores that the experiment's runs have; the link's part behind the server's address."""
    runs = client.search_runs([experiment], "tags.`earmark.kind` = 'run'", max_results=LOOKED_AT)
    headlines = sorted(
        {run.data.params["embedder"] for run in runs if "embedder" in run.data.params}
    )
    known = {name for run in runs for name in run.data.metrics}
    pictured = {
        name
        for run in runs
        for name in run.data.tags.get("earmark.pictured", "").split(",")
        if name
    }
    values = {name: {run.data.params.get(name) for run in runs} for name in SWEPT}
    swept = [name for name in SWEPT if len(values[name]) > 1] or SWEPT[
        :1
    ]  # an axis with one value tells nothing
    shown = state(headlines, fad="fad" in known, swept=swept, pictured=sorted(pictured)[:PICTURES])
    shown["searchFilter"] += one_pipeline(
        [
            (run.data.params.get("embedder", ""), run.data.tags.get("earmark.pipeline", ""))
            for run in runs
        ]
    )
    packed = base64.b64encode(zlib.compress(json.dumps(shown).encode(), 9)).decode()
    # Constant times: writing the same view again must change nothing.
    tag = {
        "name": "earmark: runs compared",
        "createdAt": 0,
        "updatedAt": 0,
        "state": f"deflate;{packed}",
    }
    client.set_experiment_tag(experiment, f"mlflow.sharedViewState.{KEY}", json.dumps(tag))
    return f"#/experiments/{experiment}/runs?workflowType=machine_learning&viewStateShareKey={KEY}&compareRunsMode=CHART"


def one_pipeline(heard: Sequence[tuple[str, str]]) -> str:
    """The filter's other half where an embedder's numbers (newest first) come of several pipelines: charts then show the newest alone."""
    pipelines = {
        name: {pipeline for other, pipeline in heard if other == name} for name, _ in heard
    }
    newest = heard[0][1] if heard else ""
    return (
        f" and tags.`earmark.pipeline` = '{newest}'"
        if newest and any(len(ids) > 1 for ids in pipelines.values())
        else ""
    )


def state(
    headlines: list[str], *, fad: bool, swept: Sequence[str] = SWEPT, pictured: Sequence[str] = ()
) -> Json:
    """The interface's state: the swept columns and few metrics, runs only, the charts of each text-audio score, spectrograms."""
    metrics = [
        name for headline in headlines for name in (headline, f"{headline}_se", f"{headline}_all")
    ] + [
        "valid_rate",
        "fad",
        "cost_usd",
    ]
    shown = [f"params.`{name}`" for name in SWEPT] + [f"metrics.`{name}`" for name in metrics]
    return {
        "searchFilter": "tags.`earmark.kind` = 'run'",
        "orderByKey": f"metrics.`{headlines[0]}_all`" if headlines else "attributes.start_time",
        "orderByAsc": False,
        "selectedColumns": shown,
        "runsExpanded": {},
        "runsPinned": [],
        "runsHidden": [],
        "runsHiddenMode": "SHOWALL",
        "compareRunCharts": [
            chart for headline in headlines for chart in charts(headline, fad=fad, swept=swept)
        ]
        + _pictures(pictured),
        "compareRunSections": [
            {"uuid": SECTION, "name": "Runs compared", "display": True, **TWO_WIDE}
        ],
        "isAccordionReordered": True,
        "hideEmptyCharts": True,
    }


def charts(headline: str, *, fad: bool, swept: Sequence[str] = SWEPT) -> list[Json]:
    """Parallel coordinates over the swept settings, the score against FAD where there is one, bars of the score and of the valid share."""
    all_form = f"{headline}_all"
    return [
        _chart(
            "PARALLEL",
            headline,
            selectedParams=list(swept),
            selectedMetrics=[all_form, "valid_rate"],
            showAllRuns=True,
        ),
        *(
            [_chart("SCATTER", headline, xaxis=_metric("fad"), yaxis=_metric(headline))]
            if fad
            else []
        ),
        _chart("BAR", all_form, metricKey=all_form, displayName=all_form),
        _chart("BAR", f"{headline} valid", metricKey="valid_rate", displayName="valid_rate"),
    ]


def _pictures(names: Sequence[str]) -> list[Json]:
    about = {"imageKeys": list(names), "step": 0, "displayName": "spectrograms"}
    return [_chart("IMAGE", "spectrograms", **about)] if names else []


def _metric(name: str) -> Json:
    return {"key": name, "type": "METRIC"}


def _chart(
    kind: str, about: str, **settings: Any
) -> Json:  # the interface's own settings of a chart
    own = {
        "uuid": str(uuid5(NAMESPACE_URL, f"earmark {kind} {about}")),
        "type": kind,
        "metricSectionId": SECTION,
    }
    return {**own, "deleted": False, "isGenerated": False, "runsCountToCompare": 100, **settings}
