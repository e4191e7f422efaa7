"""Turns errors into sentences and exit codes, for all commands."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from itertools import pairwise

import click

from kairos.errors import ExitCode, KairosError
from kairos.report.commands import with_options
from kairos.report.escape import visible
from kairos.report.phrases import shell_path
from kairos.store.interruption import Terminated

_DEBUG = "KAIROS_DEBUG"


def passes_through(error: Exception) -> bool:
    """Whether an error should end the program with a traceback: it is unexpected, and KAIROS_DEBUG=1 is set."""
    return os.environ.get(_DEBUG) == "1" and not isinstance(error, KairosError | OSError)


def run(command: click.Command, arguments: Sequence[str]) -> int:
    """Run a command and return its exit code; every error becomes one sentence on stderr.

    With `--json` it is also printed on stdout, as `{"error", "exit_code"}`. With KAIROS_DEBUG=1 in the environment
    errors pass through, with their traceback.
    """
    debug = os.environ.get(_DEBUG) == "1"
    try:
        _refuse_empty(arguments)
        result = command.main(list(arguments), prog_name="kairos", standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return ExitCode.USAGE
    except click.ClickException as error:
        return _reported(arguments, _sentence(error), ExitCode.USAGE)
    except (click.Abort, KeyboardInterrupt, Terminated) as error:
        return _interrupted(error)
    except BrokenPipeError:
        return _closed_pipe()
    except Exception as error:
        if debug:
            raise
        sentence, code = described(error)
        return _reported(arguments, with_options(sentence, _configuration(arguments)), code)
    return int(result) if isinstance(result, int) else ExitCode.OK


def _configuration(arguments: Sequence[str]) -> str:
    """Return the `--config PATH` that a command was given, quoted for a shell; "" if it was given none."""
    path = ""
    for word, following in pairwise((*arguments, "")):
        name, _, value = word.partition("=")
        path = (value or following) if name == "--config" else path
    return f"--config {shell_path(path, os.environ.get('HOME', ''))}" if path else ""


def _refuse_empty(arguments: Sequence[str]) -> None:
    """Raise UsageError for an empty argument: as a path it would be the current directory, as a prefix any key."""
    if "" in arguments:
        raise click.UsageError("An argument is empty, so nothing was done. Is a variable unset?")


def failed(error: Exception, where: str = "") -> int:
    """Print an error on stderr and return its exit code; `where` is for errors that name no place."""
    return say(*described(error, where))


def described(error: Exception, where: str = "") -> tuple[str, ExitCode]:
    """Return the sentence for an error, and its exit code."""
    if isinstance(error, KairosError):
        return str(error), error.exit_code
    if isinstance(error, OSError):
        name = os.fsdecode(error.filename) if isinstance(error.filename, str | bytes) else where
        return f"{error.strerror or error}{name and f': {name}'}.", ExitCode.ERROR
    if isinstance(error, MemoryError):
        purpose = f" for {where}" if where else ""
        return (
            f"There is not enough memory{purpose}. Free some, or raise the limit (ulimit -v).",
            ExitCode.ERROR,
        )
    place = f" in {where}" if where else ""
    first_line = next(iter(str(error).strip().splitlines()), "")
    sentence = (
        f"This should not have happened{place} ({type(error).__name__}: {first_line}). Please report it; "
        f"{_DEBUG}=1 shows where it came from."
    )
    return sentence, ExitCode.ERROR


def say(sentence: str, code: ExitCode) -> int:
    """Print one sentence on stderr and return the exit code."""
    click.echo(f"kairos: {visible(sentence)}", err=True)
    return code


def _reported(arguments: Sequence[str], sentence: str, code: ExitCode) -> int:
    """Report an error on stderr and, if JSON was asked for, also as JSON on stdout."""
    if "--json" in arguments:
        with suppress(OSError):  # what cannot be written may be stdout itself
            click.echo(json.dumps({"error": sentence, "exit_code": int(code)}))
    return say(sentence, code)


def _interrupted(error: BaseException) -> int:
    if isinstance(error, Terminated):
        return say("Stopped.", ExitCode.TERMINATED)
    return say("Interrupted.", ExitCode.INTERRUPTED)


def _sentence(error: click.ClickException) -> str:
    context = error.ctx if isinstance(error, click.UsageError) else None
    advice = f" Try `{context.command_path} --help`." if context else ""
    message = " ".join(error.format_message().split()).rstrip(".")
    return f"{message}{'' if message.endswith(('?', '!')) else '.'}{advice}"


def _closed_pipe() -> int:
    """Exit without a message: the reader of our output has closed the pipe."""
    # The interpreter flushes stdout once more at exit, which must not fail again.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return ExitCode.ERROR
