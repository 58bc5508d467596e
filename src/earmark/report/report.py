"""`report/` in a sweep's folder: the whole conclusion as one HTML file, Markdown, LaTeX and data.

report/report.html    needs nothing from the network: figures are inside it
report/report.md
report/tables.tex     booktabs tables, to be read into a paper
report/figures/       NAME.svg NAME.pdf, and NAME.csv with the data behind each
report/runs/          KEY.html: the attempts of a run that count, with their programs and sounds
report/data/          episodes.csv pairs.csv: what every number is made from; whole tables
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import TypeVar

from earmark.analysis.grid import episode_scores
from earmark.analysis.labels import label
from earmark.analysis.scores import picked_attempts
from earmark.analysis.technique import alikeness
from earmark.errors import printable
from earmark.report.answers import Answers
from earmark.report.figures import Figure, Row, csv_text, write_csv, write_figure
from earmark.report.report_figures import DECISION_HEADS, decision_rows
from earmark.report.results import Results
from earmark.report.run_pages import run_pages
from earmark.report.sections import Block, Section, sections, tier_file_names
from earmark.report.table import Table, markdown
from earmark.storage.atomic import replacing, write_text
from earmark.storage.foreign import own_files

B = TypeVar("B", Table, Figure)
MAX_ROWS = 15  # of a table on the page; all rows are in its CSV and in tables.tex
LONG_CHARS = 32


def write_report(results: Results, into: Path | None = None) -> list[Path]:
    """Write everything; the paths of the HTML, the Markdown and the LaTeX file.

    Args:
        results: of the sweep.
        into: the folder to write into, `report` in the sweep's where none is given.
    """
    if into is None:
        into = results.folder.path / "report"
        own_files(into)
    alike = {run.key: alikeness(folder.run()) for folder, run in results.runs}
    shown = sections(results, alike)
    drawn = {one.name: write_figure(one, into / "figures") for one in _blocks(shown, Figure)}
    for name, heads, rows in (
        ("episodes", EPISODE_HEADS, _episodes(results)),
        ("pairs", PAIR_HEADS, _pairs(results)),
    ):
        with replacing(into / "data" / f"{name}.csv") as path:
            write_csv(path, heads, rows)
    for table in _blocks(shown, Table):
        if table.file and table.file != "pairs":  # all pairs of all families are in pairs.csv
            write_text(into / "data" / f"{table.file}.csv", csv_text(table.heads, table.rows))
    for key, page in run_pages(results):
        write_text(into / "runs" / f"{key}.html", page)
    texts = {
        into / "report.html": render_html(results.folder.name, shown, drawn),
        into / "report.md": render_report_markdown(results.folder.name, shown),
        into / "tables.tex": render_latex(shown),
    }
    for path, text in texts.items():
        write_text(path, text)
    return list(texts)


def render_html(
    title: str,
    shown: Sequence[Section],
    drawn: Mapping[str, str],
    *,
    question: str = "which difference is real?",
) -> str:
    """The report as one page that loads nothing; `drawn` holds the SVG of each figure by name."""
    parts = []
    for section in shown:
        kind = ' class="verdict"' if section.title == "Verdict" else ""
        blocks = "\n".join(_html(block, drawn) for block in section.blocks)
        parts.append(f"<section{kind}>\n<h2>{escape(section.title)}</h2>\n{blocks}\n</section>")
    style = files("earmark.report").joinpath("report.css").read_text(encoding="utf-8")
    head = f'<meta charset="utf-8"><title>{escape(title)}: report</title><style>{style}</style>'
    view = '<meta name="viewport" content="width=device-width, initial-scale=1">'
    body = f"<h1>{escape(title)}: {escape(question)}</h1>\n" + "\n".join(parts)
    page = f'<!doctype html>\n<html lang="en">\n<head>{head}{view}</head>\n<body>\n{body}\n</body>'
    return f"{page}\n</html>\n"


def render_report_markdown(title: str, shown: Sequence[Section]) -> str:
    """The report as Markdown, its figures linked."""
    parts = [f"# {title}: which difference is real?"]
    for section in shown:
        parts.append(f"## {section.title}")
        parts += [_markdown(block) for block in section.blocks]
    return "\n\n".join(parts) + "\n"


def render_latex(shown: Sequence[Section]) -> str:
    """Every table of the report as a booktabs table."""
    return "% \\usepackage{booktabs}\n\n" + "\n\n".join(map(_latex, _blocks(shown, Table))) + "\n"


def _blocks(shown: Iterable[Section], kind: type[B]) -> list[B]:
    blocks = []
    for section in shown:
        blocks += [block for block in section.blocks if isinstance(block, kind)]
    return blocks


def _html(block: Block, drawn: Mapping[str, str]) -> str:
    if isinstance(block, str):
        return f"<p>{escape(printable(block))}</p>"
    if isinstance(block, Figure):
        caption = f"<b>{escape(block.title)}</b>{escape(block.caption)}"
        data = f'<a href="figures/{escape(block.name)}.csv">data</a>'
        drawing = f'<div class="scroll">{drawn[block.name]}</div>'
        return f"<figure>{drawing}<figcaption>{caption} {data}</figcaption></figure>"
    if isinstance(block, Answers):
        lines = [
            f"<dt>{escape(one.question)}</dt><dd>{escape(printable(one.text))}</dd>"
            for one in block.answers
        ]
        return f"<h3>{escape(block.about)}</h3><dl>{''.join(lines)}</dl>"
    return _html_table(block)


def _html_table(table: Table) -> str:
    """The first rows of a table; the names of runs lead to their attempts."""
    head = "".join(f'<th scope="col">{escape(one)}</th>' for one in table.heads)
    link_at = next((at for at, one in enumerate(table.heads) if one in ("model", "run")), 0)
    rows = []
    for number, row in enumerate(table.rows[:MAX_ROWS]):
        columns = [_field(text) for text in row]
        if table.keys:
            link = f'<a href="runs/{escape(table.keys[number])}.html">{escape(row[link_at])}</a>'
            columns[link_at] = f"<td>{link}</td>"
        rows.append(f"<tr>{''.join(columns)}</tr>")
    data = f' <a href="data/{escape(table.file)}.csv">data</a>' if table.file else ""
    # Outside the part that scrolls: a caption within it would be cut off with the columns.
    caption = f'<p class="caption">{escape(table.title)}{data}</p>'
    body = f"<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody>"
    named = f'<table aria-label="{escape(table.title)}">'
    html = f'{caption}<div class="scroll">{named}{body}</table></div>'
    more = len(table.rows) - MAX_ROWS
    return f'{html}<p class="small">{_more(table)}</p>' if more > 0 else html


def _field(text: str) -> str:
    """Numbers with their interval stay on one line; sentences do not."""
    long = ' class="long"' if len(text) > LONG_CHARS else ""
    return f"<td{long}>{escape(text)}</td>"


def _more(table: Table) -> str:
    return f"{len(table.rows) - MAX_ROWS} more rows are in data/{table.file}.csv."


def _markdown(block: Block) -> str:
    if isinstance(block, str):
        return printable(block)
    if isinstance(block, Figure):
        picture = f"![{block.title}](figures/{block.name}.svg)"
        caption = f"*{block.title}. {block.caption.strip()}*"
        return f"{picture}\n\n{caption} [data](figures/{block.name}.csv)"
    if isinstance(block, Answers):
        lines = [f"- **{one.question}** {printable(one.text)}" for one in block.answers]
        return "\n".join([f"### {block.about}", "", *lines])
    if len(block.rows) <= MAX_ROWS:
        return markdown(block)
    return f"{markdown(replace(block, rows=block.rows[:MAX_ROWS]))}\n\n{_more(block)}"


LATEX = {
    **{one: f"\\{one}" for one in "&%$#_{}"},
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "−": "$-$",
    "–": "--",
    "±": r"$\pm$",
    "×": r"$\times$",
}


def latex_text(text: str) -> str:
    """Text with everything escaped that LaTeX would read as a command."""
    return "".join(LATEX.get(one, one) for one in text)


def _latex(table: Table) -> str:
    lines = [" & ".join(map(latex_text, row)) + r" \\" for row in (table.heads, *table.rows)]
    rows = "\n".join(lines[1:])
    return (
        "\\begin{table}\n\\centering\n"
        f"\\caption{{{latex_text(table.title)}}}\n"
        f"\\begin{{tabular}}{{{'l' * len(table.heads)}}}\n\\toprule\n{lines[0]}\n\\midrule\n"
        f"{rows}\n\\bottomrule\n\\end{{tabular}}\n\\end{{table}}"
    )


EPISODE_HEADS = (
    *("tier", "run", "run_key", "task", "sample", "turn", "attempt", "valid", "failure"),
    *("metric", "score", "counts_as", "folder"),
)


def _episodes(results: Results) -> Iterable[Row]:
    """For every run, episode and metric: which attempt counts, its score and what it counts as."""
    metrics: dict[str, tuple[str, ...]] = {}
    for tier in results.conclusion.tiers:
        metrics |= {one.run.key: tuple(tier.metrics) for one in tier.runs}
    for folder, run in results.runs:
        for metric in metrics.get(run.key, ()):
            counted = episode_scores(run, metric)
            for pair, one in sorted(picked_attempts(run).items()):
                place = folder.folder_of(one).relative_to(results.folder.path).as_posix()
                failure = one.failure.kind if one.failure else None
                counts_as = None if isinstance(counted, str) else counted.get(pair)
                first = (run.config.tier.name, label(run), run.key, *pair, one.turn, one.key)
                yield (
                    *(*first, one.valid, failure, metric, one.scores.get(metric), counts_as),
                    f"../../{place}",
                )


PAIR_HEADS = ("tier", "metric", "family", *DECISION_HEADS)


def _pairs(results: Results) -> Iterable[Row]:
    """Every comparison that was made, of every family."""
    for tier, name in zip(
        results.conclusion.tiers, tier_file_names(results.conclusion), strict=True
    ):
        for metric, by in tier.metrics.items():
            for family in ("pairs", "effects", "interactions"):
                for row in decision_rows(getattr(by, family)):
                    yield (name, metric, family, *row)
