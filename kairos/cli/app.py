"""The `kairos` command: its group, its help, and the way out of it."""

from __future__ import annotations

import io
import sys

import click

import kairos
from kairos.cli import (
    attic,
    check,
    completion,
    config,
    conflicts,
    dream,
    explain,
    export,
    gc,
    init,
    judge,
    log,
    proposals,
    show,
    status,
    undo,
)
from kairos.cli.failures import run

EXIT_CODES = """\b
Exit codes:
  0    all is well
  1    an error
  2    a wrong command line or configuration
  3    partly done: something was left alone, or waits for you
  10   no such memory directory
  11   locked by the agent, or by another Kairos
  12   changed by somebody else in the meantime
  130  interrupted
"""


class _InOrder(click.Group):
    """Lists its commands in the order in which people need them, not by the alphabet."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - as click calls it
        """Return the names of all commands."""
        return list(self.commands)


@click.group(
    cls=_InOrder,
    epilog=EXIT_CODES,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(kairos.__version__, "--version", message="kairos %(version)s")
def cli() -> None:
    """Keep the memory directories of AI agents healthy.

    Duplicates are merged, contradictions flagged, stale notes taken out, the index kept within its budget.
    Nothing is ever lost, and everything can be undone.
    """


for command in (
    init.init,
    dream.dream,
    status.status,
    log.log,
    show.show,
    explain.explain,
    undo.undo,
    conflicts.conflicts,
    conflicts.resolve,
    proposals.proposals,
    proposals.approve,
    proposals.reject,
    judge.judge,
    attic.attic,
    export.export,
    check.check,
    gc.gc,
    config.config,
    completion.completion,
):
    cli.add_command(command)


def main() -> None:
    """Run `kairos` with the arguments of this process, and leave with its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # File names need not be text, and terminals need not know every letter.
            stream.reconfigure(errors="backslashreplace")
    sys.exit(run(cli, sys.argv[1:]))
