"""Tables of figures: for a terminal, or as Markdown for the documentation."""

from __future__ import annotations

from dataclasses import dataclass

from rich import box
from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from kairos.report.escape import one_line


@dataclass(frozen=True, slots=True)
class Table:
    """A title, column names, and rows with one cell per column; the first cell of a row is its name."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def markdown(table: Table) -> str:
    """Return a table as Markdown."""
    lines = [table.columns, tuple("---" if not n else "---:" for n in range(len(table.columns))), *table.rows]
    cells = ("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
    return "\n".join((f"**{table.title}**", "", *cells, ""))


def show(table: Table, console: Console) -> None:
    """Print a table to a terminal."""
    console.print(Text(one_line(table.title), "bold"))
    found = RichTable(box=box.SIMPLE_HEAD)
    for number, column in enumerate(table.columns):
        found.add_column(column, justify="right" if number else "left")
    for row in table.rows:
        found.add_row(*(Text(one_line(cell)) for cell in row))
    console.print(found)
