"""What a person reads after a sweep: its folder -> tables, a page to listen to, files for notebooks.

In: folders written by the archive. Out: text, HTML, Parquet and CSV. Nothing here runs, asks or scores.
"""

from earmark.report.page import leaderboard
from earmark.report.table import markdown, print_table, tables, text

__all__ = ["leaderboard", "markdown", "print_table", "tables", "text"]
