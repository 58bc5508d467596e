"""A page for each run of a report: every episode, what it counts as, its program and its sound."""

from collections.abc import Iterator
from html import escape
from importlib.resources import files

from earmark.analysis.grid import CHECKS, VALID, episode_scores
from earmark.analysis.labels import headline, label
from earmark.analysis.scores import picked_attempts
from earmark.records import Run
from earmark.report.results import Results
from earmark.report.table import MISSING, number
from earmark.storage.run_folder import RunFolder


def run_pages(results: Results) -> Iterator[tuple[str, str]]:
    """Run key and HTML of each, to be written into report/runs/; sounds are linked, not inside."""
    for folder, run in results.runs:
        yield run.key, _page(folder, run)


def _page(folder: RunFolder, run: Run) -> str:
    metrics = (headline(run), CHECKS, VALID)
    counted = {metric: episode_scores(run, metric) for metric in metrics}
    rows = []
    for (task, sample), one in sorted(picked_attempts(run).items()):
        path = f"../../{folder.path.name}/{folder.folder_of(one).relative_to(folder.path)}"
        values = []
        for scores in counted.values():
            value = None if isinstance(scores, str) else scores.get((task, sample))
            values.append(number(value, ".3f"))
        links = [f'<a href="{escape(path)}/attempt.json">record</a>']
        if one.program is not None:
            links.append(f'<a href="{escape(path)}/program.py">program</a>')
        if one.clip is not None:
            links.append(f'<a href="{escape(path)}/out.wav">sound</a>')
        failure = one.failure.kind if one.failure else MISSING
        texts = (task, str(sample), *values, failure)
        columns = "".join(f"<td>{escape(text)}</td>" for text in texts)
        rows.append(f"<tr>{columns}<td>{' '.join(links)}</td></tr>")
    heads = ("task", "sample", *metrics, "failure", "evidence")
    head = "".join(f'<th scope="col">{escape(one)}</th>' for one in heads)
    style = files("earmark.report").joinpath("report.css").read_text(encoding="utf-8")
    view = '<meta name="viewport" content="width=device-width, initial-scale=1">'
    title = escape(label(run))
    about = "What each episode counts as; a failure counts as the floor, and as 0 by shares."
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
    return (
        f'<!doctype html>\n<html lang="en">\n<head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{style}</style>{view}</head>\n<body>\n<h1>{title}</h1>\n<p>{about} "
        f'<a href="../report.html">Back to the report</a></p>\n<div class="scroll">{table}</div>\n'
        "</body>\n</html>\n"
    )
