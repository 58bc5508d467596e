"""What a person reads after a sweep: tables, a page to listen to, and files for notebooks."""

from earmark.report.page import write_leaderboard
from earmark.report.table import print_table, render_markdown, render_text, tables

__all__ = ["print_table", "render_markdown", "render_text", "tables", "write_leaderboard"]
