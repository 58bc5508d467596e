"""What a person reads after a sweep: tables, a verdict, a page to listen to, and files."""

from earmark.report.page import write_leaderboard
from earmark.report.results import Results, load_results
from earmark.report.table import print_table, render_markdown, render_text, summary_tables, tables

__all__ = [
    "Results",
    "load_results",
    "print_table",
    "render_markdown",
    "render_text",
    "summary_tables",
    "tables",
    "write_leaderboard",
]
