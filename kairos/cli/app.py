"""The `kairos` command: its group, its help, and its exit."""

from __future__ import annotations

import io
import os
import sys
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

import click

import kairos
from kairos.cli.failures import run
from kairos.store.interruption import INTERRUPTION

EXIT_CODES = """\b
Exit codes:
  0    all is well
  1    an error
  2    an invalid command line or configuration
  3    partly done: something was left alone, or waits for you
  10   no such memory directory
  11   locked by the agent, or by another Kairos
  12   changed by somebody else in the meantime
  130  interrupted (Ctrl-C)
  143  stopped (SIGTERM)
"""


class _Known(NamedTuple):
    """The module of a command and its one-line help, so that listing the commands imports none of their modules."""

    module: str
    summary: str


_COMMANDS = {
    "init": _Known("init", "Find the memory directories of your agents, and write a configuration."),
    "dream": _Known("dream", "Dream over memory directories."),
    "status": _Known("status", "Show the state of memory directories and of the daemon."),
    "watch": _Known("watch", "Watch the daemon live."),
    "pause": _Known("pause", "Keep the daemon from dreaming."),
    "resume": _Known("pause", "End a pause."),
    "log": _Known("log", "List dreams, undos and decisions."),
    "show": _Known("show", "Show everything about one dream."),
    "explain": _Known("explain", "Explain why a note or a line is as it is."),
    "undo": _Known("undo", "Undo a dream, a change, or everything."),
    "conflicts": _Known("conflicts", "List notes that contradict each other."),
    "resolve": _Known("conflicts", "Settle a conflict."),
    "proposals": _Known("proposals", "List changes that wait for you."),
    "approve": _Known("proposals", "Apply proposals, in one transaction."),
    "reject": _Known("proposals", "Turn proposals down."),
    "judge": _Known("judge", "Judge pairs of notes."),
    "attic": _Known("attic", "List the notes that dreams removed."),
    "export": _Known("export", "Print what a dream did to files, as a patch for git."),
    "check": _Known("check", "Check the state, the journal, the originals and the index."),
    "gc": _Known("gc", "Delete originals that have been kept long enough."),
    "moved": _Known("moved", "Carry the history of a moved directory over to its new path."),
    "forget": _Known("forget", "Forget a directory that was dreamt over by mistake."),
    "service": _Known("service", "Run the daemon as a systemd service."),
    "config": _Known("config", "Check or show the configuration."),
    "completion": _Known("completion", "Print the completion script for a shell."),
}
"""All commands, in the order in which users need them."""


class _Commands(click.Group):
    """Imports only the module of the command that is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - as click calls it
        """Return the names of all commands."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Return a command by its name."""
        known = _COMMANDS.get(cmd_name)
        if known is None:
            return None
        command = getattr(import_module(f"kairos.cli.{known.module}"), cmd_name)
        return command if isinstance(command, click.Command) else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that the arguments begin with; a mistyped one is answered with the one most like it."""
        if args[0] not in _COMMANDS:
            from difflib import get_close_matches

            similar = get_close_matches(args[0], _COMMANDS, n=1)
            if similar:
                raise click.UsageError(f"No such command {args[0]!r}. Did you mean {similar[0]!r}?", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the list of all commands without importing their modules."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, known.summary) for name, known in _COMMANDS.items()])


@click.group(
    cls=_Commands,
    epilog=EXIT_CODES,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(kairos.__version__, "--version", message="kairos %(version)s")
@click.pass_context
def cli(context: click.Context) -> None:
    """Keep the memory directories of AI agents healthy.

    Merges duplicates, flags contradictions, removes stale notes, and keeps the index within its budget.
    Nothing is ever lost, and everything can be undone.

    Begin with `kairos init`, then `kairos dream`: it shows what it would do.
    """
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        context.color = False


def main() -> None:
    """Run `kairos` with the arguments of this process, and exit with its exit code."""
    _open_closed_streams()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # File names need not be valid text, and a terminal's encoding may lack some characters.
            stream.reconfigure(errors="backslashreplace")
    INTERRUPTION.listen()
    sys.exit(run(cli, sys.argv[1:]))


def _open_closed_streams() -> None:
    """Connect each standard stream that was closed, as by `>&-`, to the null device.

    Otherwise the next file that is opened would get its descriptor, and whatever is printed there.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115 - it stays open
