"""The `kairos` command: its group, its help, and the way out of it."""

from __future__ import annotations

import io
import sys
from importlib import import_module

import click

import kairos
from kairos.cli.failures import run
from kairos.store.interruption import INTERRUPTION

EXIT_CODES = """\b
Exit codes:
  0    all is well
  1    an error
  2    a wrong command line or configuration
  3    partly done: something was left alone, or waits for you
  10   no such memory directory
  11   locked by the agent, or by another Kairos
  12   changed by somebody else in the meantime
  130  interrupted (Ctrl-C)
  143  stopped (SIGTERM)
"""


_MODULES = {
    "init": "init",
    "dream": "dream",
    "status": "status",
    "watch": "watch",
    "pause": "pause",
    "resume": "pause",
    "log": "log",
    "show": "show",
    "explain": "explain",
    "undo": "undo",
    "conflicts": "conflicts",
    "resolve": "conflicts",
    "proposals": "proposals",
    "approve": "proposals",
    "reject": "proposals",
    "judge": "judge",
    "attic": "attic",
    "export": "export",
    "check": "check",
    "gc": "gc",
    "service": "service",
    "config": "config",
    "completion": "completion",
}
"""Each command and the module of this package that has it, in the order in which people need them."""


class _Commands(click.Group):
    """Loads the module of a command when that command is meant, and no other."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - as click calls it
        """Return the names of all commands."""
        return list(_MODULES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Return a command by its name."""
        module = _MODULES.get(cmd_name)
        command = module and getattr(import_module(f"kairos.cli.{module}"), cmd_name)
        return command if isinstance(command, click.Command) else None


@click.group(
    cls=_Commands,
    epilog=EXIT_CODES,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(kairos.__version__, "--version", message="kairos %(version)s")
def cli() -> None:
    """Keep the memory directories of AI agents healthy.

    Duplicates are merged, contradictions flagged, stale notes taken out, the index kept within its budget.
    Nothing is ever lost, and everything can be undone.
    """


def main() -> None:
    """Run `kairos` with the arguments of this process, and leave with its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # File names need not be text, and terminals need not know every letter.
            stream.reconfigure(errors="backslashreplace")
    INTERRUPTION.listen()
    sys.exit(run(cli, sys.argv[1:]))
