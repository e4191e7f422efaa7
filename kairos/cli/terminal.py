"""Terminal output: pages, JSON and progress."""

from __future__ import annotations

import json
import os
import shutil
import sys
from textwrap import wrap
from types import TracebackType
from typing import TYPE_CHECKING, Self

import click

from kairos.cli.access import home
from kairos.report.commands import with_options
from kairos.report.escape import visible
from kairos.report.phrases import shell_path

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from kairos.report.page import Page

_PIPE_WIDTH = 100
_NARROWEST = 20

STAGES = {
    "read": "reading",
    "compile": "compiling the embedding model, once",
    "embed": "embedding",
    "pair": "pairing",
    "judge": "judging",
    "ask": "asking the language model",
    "plan": "planning",
    "apply": "applying",
}
"""The stages of a dream, in words."""


def page() -> Page:
    """Return a page on stdout: in colour and as wide as the terminal; in a pipe plain, and 100 columns wide."""
    from rich.console import Console

    from kairos.report.page import Page

    fixed = None if sys.stdout.isatty() or "COLUMNS" in os.environ else _PIPE_WIDTH
    return Page(Console(width=fixed, markup=False, emoji=False, highlight=False), _options())


def configured(sentence: str) -> str:
    """Return a sentence whose commands, in backticks, have the `--config` of the running command."""
    return with_options(sentence, _options())


def _options() -> str:
    """Return `--config FILE` if the running command was given one, quoted for a shell."""
    context = click.get_current_context(silent=True)
    config_file = context.params.get("config_file") if context else None
    return f"--config {shell_path(str(config_file), home())}" if config_file else ""


def hanging(words: str, indent: int) -> str:
    """Wrap text to the terminal's width (or COLUMNS) with a hanging indent; in a pipe, return it as one line.

    Words longer than the line, such as paths, are not broken.
    """
    if not (sys.stdout.isatty() or "COLUMNS" in os.environ):
        return words
    room = max(shutil.get_terminal_size().columns - indent, _NARROWEST)
    lines = wrap(words, room, break_long_words=False, break_on_hyphens=False) or [""]
    return f"\n{' ' * indent}".join(lines)


def print_json(value: object, *, indent: int | None = 2) -> None:
    """Print a value as ASCII JSON: intact in every encoding, harmless in every terminal.

    Only a terminal gets it indented: indenting ten thousand values takes longer than a dream that finds nothing to do.
    """
    click.echo(json.dumps(value, indent=indent if sys.stdout.isatty() else None))


def print_bytes(data: bytes) -> None:
    """Print bytes: as they are in a pipe, with everything made visible on a terminal."""
    if sys.stdout.isatty():
        ends = not data or data.endswith(b"\n")
        click.echo(visible(data.decode("utf-8", "surrogateescape")), nl=not ends)
    else:
        sys.stdout.buffer.write(data)


class Stages:
    """Shows the progress of a dream on stderr if that is a terminal; otherwise silent."""

    def __init__(self) -> None:
        self._progress: Progress | None = None
        self._task: TaskID | None = None
        self._stage = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Show that `done` out of `total` steps of a stage are complete."""
        if not sys.stderr.isatty():
            return
        progress = self._progress or self._start()
        if self._task is None or stage != self._stage:
            if self._task is not None:
                progress.remove_task(self._task)
            self._stage = stage
            self._task = progress.add_task(STAGES.get(stage, stage).capitalize(), total=total)
        progress.update(self._task, completed=done, total=total)

    def stop(self) -> None:
        """Clear the progress display for a question or the report; the next step brings it back."""
        if self._progress is not None:
            self._progress.stop()
        self._progress = self._task = None

    def _start(self) -> Progress:
        from rich.console import Console
        from rich.progress import Progress

        self._progress = Progress(console=Console(stderr=True), transient=True)
        self._progress.start()
        return self._progress
