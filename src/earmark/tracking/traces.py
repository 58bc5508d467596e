"""Writes the attempts of a run as traces, in bulk.

A trace's id is made of its experiment, sweep, run and attempt, so that writing again changes what
is there and doubles nothing; what a person has added to it stays. It belongs to its MLflow run by
metadata, and is written before the run's digest: a run that has its digest has its traces.
"""

import base64
import json
from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from urllib.parse import urlencode
from uuid import NAMESPACE_URL, uuid5

from earmark.identity import digest
from earmark.storage.atomic import link_or_copy
from earmark.storage.urls import file_path
from earmark.tracking.trace_content import Assessed, SpanContent, TraceContent

if TYPE_CHECKING:
    from mlflow.entities import Assessment, AssessmentSource, Span, TraceInfo
    from mlflow.tracing.client import TracingClient

SOURCE_ID = "earmark"
AT_ONCE = 200  # traces whose spans go into one transaction
PAGE = 500
DELETED_AT_ONCE = 100
SOURCE_RUN = "mlflow.sourceRun"  # the metadata that says which run a trace belongs to
EVIDENCE_DEPTH = 4  # attempts/TASK/SAMPLE-TURN/FILE, among the artifacts as in the run's folder
PREVIEW_CHARS = 1000
TAG_CHARS = 4000


class TraceWriter:
    """Traces of one MLflow run.

    Args:
        client: of the store.
        experiment: the experiment's id.
        run_id: the MLflow run that they belong to.
        owner: sweep and run key, by which their ids are made.
        artifacts: the folder of the run's artifacts; None where a server keeps them.
        prompts: name and version of the registered prompt, where there is one.
    """

    def __init__(
        self,
        client: "TracingClient",
        *,
        experiment: str,
        run_id: str,
        owner: tuple[str, str],
        artifacts: Path | None = None,
        prompts: Sequence[tuple[str, str]] = (),
    ) -> None:
        self.client, self.experiment, self.run_id = client, experiment, run_id
        self.owner, self.artifacts, self.prompts = owner, artifacts, prompts

    def write(self, contents: Iterable[TraceContent]) -> int:
        """Bring the run's traces to these; how many there are."""
        rest = iter(contents)
        written: dict[str, set[str]] = {}
        while batch := list(islice(rest, AT_ONCE)):
            spans: list[Span] = []
            for content in batch:
                hex_id = trace_hex(self.experiment, *self.owner, content.key)
                info = self.client.start_trace(self._info(content, hex_id))
                self._attach(info, content, hex_id)
                spans += _spans(content, hex_id)
                written[info.trace_id] = {one.name for one in content.assessed}
            self.client.log_spans(self.experiment, spans)
        self._remove_others(written)
        return len(written)

    def _info(self, content: TraceContent, hex_id: str) -> "TraceInfo":
        from mlflow.entities import TraceInfo, TraceLocation, TraceState

        seconds = sum(span.seconds for span in content.spans)
        metadata = {SOURCE_RUN: self.run_id}
        if content.session:
            metadata["mlflow.trace.session"] = content.session
            # MLflow's page pairs the sessions of two runs by these, made for simulated users.
            metadata["mlflow.simulation.goal"] = content.episode
            metadata["mlflow.simulation.persona"] = SOURCE_ID
        tags = {name: value[:TAG_CHARS] for name, value in content.tags.items()}
        tags["mlflow.traceName"] = content.name
        if self.prompts:
            linked = [{"name": name, "version": version} for name, version in self.prompts]
            tags["mlflow.linkedPrompts"] = json.dumps(linked)
        return TraceInfo(
            trace_id=f"tr-{hex_id}",
            trace_location=TraceLocation.from_experiment_id(self.experiment),
            request_time=round(content.ended_ns / 1e6 - seconds * 1000),
            execution_duration=round(seconds * 1000),
            state=TraceState.ERROR if content.failed else TraceState.OK,
            request_preview=content.title[:PREVIEW_CHARS],
            response_preview=content.answer[:PREVIEW_CHARS],
            trace_metadata=metadata,
            tags=tags,
            assessments=list(self._assessments(content, hex_id)),
        )

    def _assessments(self, content: TraceContent, hex_id: str) -> "Iterable[Assessment]":
        from mlflow.entities import Expectation

        for one in content.assessed:
            yield self._named(_feedback(one), hex_id)
        for name, value in content.expected.items():
            plain = value if isinstance(value, str) else json.dumps(value)
            yield self._named(Expectation(name=name, value=plain, source=_source()), hex_id)

    def _named(self, one: "Assessment", hex_id: str) -> "Assessment":
        one.trace_id = f"tr-{hex_id}"
        one.assessment_id = f"a-{digest([hex_id, one.name])[:32]}"
        one.metadata = {"mlflow.assessment.sourceRunId": self.run_id}
        return one

    def _attach(self, info: "TraceInfo", content: TraceContent, hex_id: str) -> None:
        """Store clip and spectrogram with the trace, under ids that do not change.

        MLflow looks for an attachment in the trace's own folder only, so that it cannot name an
        artifact of the run; on this disk both are one file with two names.
        """
        from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

        files = {attachment_id(hex_id, name): path for name, (path, _) in content.media.items()}
        location = info.tags["mlflow.artifactLocation"]
        place = file_path(location)
        if self.artifacts is not None and place is not None:
            for name, path in files.items():
                own = place / "attachments" / name
                own.unlink(missing_ok=True)
                link_or_copy(self.artifacts / Path(*path.parts[-EVIDENCE_DEPTH:]), own)
        elif files:
            repository = get_artifact_repository(location, tracking_uri=self.client.tracking_uri)
            with TemporaryDirectory(prefix="earmark-trace-") as folder:
                for name, path in files.items():
                    Path(folder, name).symlink_to(path)
                repository.log_artifacts(folder, "attachments")  # type: ignore[no-untyped-call]  # MLflow's

    def _remove_others(self, written: dict[str, set[str]]) -> None:
        """Delete the run's traces of other attempts, and our assessments that no longer hold."""
        others = []
        for info in find_traces(self.client, self.experiment, self.run_id):
            wanted = written.get(info.trace_id)
            if wanted is None:
                others.append(info.trace_id)
                continue
            for one in info.assessments:
                ours = (one.source.source_type, one.source.source_id) == ("CODE", SOURCE_ID)
                if ours and one.feedback is not None and one.name not in wanted:
                    self.client.delete_assessment(info.trace_id, str(one.assessment_id))
        delete_traces(self.client, self.experiment, others)


def tracing_client(uri: str) -> "TracingClient":
    """The client of the traces in a store."""
    from mlflow.tracing.client import TracingClient

    return TracingClient(uri)


def find_traces(
    client: "TracingClient", experiment: str, run_id: str | None = None, *, sweep: str | None = None
) -> list["TraceInfo"]:
    """The traces of one MLflow run, of a sweep, or all of them, without their spans."""
    found: list[TraceInfo] = []
    token = None
    wanted = f"metadata.`{SOURCE_RUN}` = '{run_id}'" if run_id else None
    if sweep is not None:
        wanted = f"tag.`earmark.sweep` = {quoted(sweep)}"
    while True:
        page, token = client.store.search_traces(
            locations=[experiment], filter_string=wanted, max_results=PAGE, page_token=token
        )
        found += page
        if not token:
            return found


def quoted(value: str) -> str:
    """A value for a filter of MLflow's, which knows no escapes."""
    return f'"{value}"' if "'" in value else f"'{value}'"


def delete_traces(client: "TracingClient", experiment: str, trace_ids: Sequence[str]) -> None:
    """Delete these traces, as many at once as the store takes."""
    for start in range(0, len(trace_ids), DELETED_AT_ONCE):
        client.delete_traces(experiment, trace_ids=list(trace_ids[start : start + DELETED_AT_ONCE]))


def trace_hex(experiment: str, sweep: str, run: str, attempt: str) -> str:
    """The 32 hex digits of a trace's id."""
    return digest([experiment, sweep, run, attempt])[:32]


def attachment_id(hex_id: str, name: str) -> str:
    """The id of an attachment; MLflow takes UUIDs alone."""
    return str(uuid5(NAMESPACE_URL, f"{hex_id} {name}"))


def attachment_url(hex_id: str, name: str, path: Path, kind: str) -> str:
    """How a span's output names an attachment: MLflow's page puts a player or a picture there."""
    size = path.stat().st_size
    query = urlencode({"content_type": kind, "trace_id": f"tr-{hex_id}", "size": size})
    return f"mlflow-attachment://{attachment_id(hex_id, name)}?{query}"


def _spans(content: TraceContent, hex_id: str) -> list["Span"]:
    """The root over all steps, which follow each other and end when the attempt was saved."""
    seconds = sum(span.seconds for span in content.spans)
    root, *steps = content.spans
    at_ns = content.ended_ns - round(seconds * 1e9)
    spans = [_span(content, root, hex_id, start_ns=at_ns, end_ns=content.ended_ns, root=True)]
    for step in steps:
        end_ns = at_ns + round(step.seconds * 1e9)
        spans.append(_span(content, step, hex_id, start_ns=at_ns, end_ns=end_ns))
        at_ns = end_ns
    return spans


def _span(
    content: TraceContent,
    span: SpanContent,
    hex_id: str,
    *,
    start_ns: int,
    end_ns: int,
    root: bool = False,
) -> "Span":
    from mlflow.entities import Span

    outputs = {}
    if span.shows_media:
        for name, (path, kind) in content.media.items():
            outputs[name] = attachment_url(hex_id, name, path, kind)
    outputs |= span.outputs
    attributes = {
        "mlflow.traceRequestId": f"tr-{hex_id}",
        "mlflow.spanType": span.kind,
        "mlflow.spanInputs": span.inputs,
        "mlflow.spanOutputs": outputs,
        **span.attributes,
    }
    failed = span.failure is not None
    return Span.from_dict(
        {
            "trace_id": _base64(hex_id),
            "span_id": _span_id(hex_id, "root" if root else span.name),
            "parent_span_id": None if root else _span_id(hex_id, "root"),
            "name": span.name,
            "start_time_unix_nano": start_ns,
            "end_time_unix_nano": end_ns,
            "events": [],
            "status": {
                "code": "STATUS_CODE_ERROR" if failed else "STATUS_CODE_OK",
                "message": span.failure or "",
            },
            "attributes": {name: json.dumps(value) for name, value in attributes.items()},
        }
    )


def _span_id(hex_id: str, name: str) -> str:
    return _base64(digest([hex_id, name])[:16])


def _base64(hex_id: str) -> str:
    return base64.b64encode(bytes.fromhex(hex_id)).decode()


def _feedback(one: Assessed) -> "Assessment":
    from mlflow.entities import AssessmentError, Feedback

    if one.value is None:
        error = AssessmentError(error_code="UNSCORED", error_message=one.rationale)
        return Feedback(name=one.name, error=error, source=_source(), rationale=one.rationale)
    return Feedback(name=one.name, value=one.value, source=_source(), rationale=one.rationale)


def _source() -> "AssessmentSource":
    from mlflow.entities import AssessmentSource

    return AssessmentSource(source_type="CODE", source_id=SOURCE_ID)
