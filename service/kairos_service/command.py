"""The command line of `kairosd`, and how its errors are reported."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import click

from kairos import __version__
from kairos.errors import ExitCode, KairosError
from kairos.report.escape import visible
from kairos_service.clock import SystemClock
from kairos_service.configuration import ConfigFile
from kairos_service.daemon import Daemon
from kairos_service.logs import start_logging


@click.command()
@click.option(
    "--config",
    "config_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Configuration to use instead of the usual one.",
)
@click.version_option(__version__, prog_name="kairosd", message="%(prog)s %(version)s")
def kairosd(config_file: Path | None) -> None:
    """Look after the configured memory directories until told to stop.

    SIGTERM ends it, SIGHUP reloads the configuration, SIGUSR1 dreams now. `kairos status` shows its status. Usually
    a service manager runs it: see `kairos service install`.
    """
    clock = SystemClock()
    file = ConfigFile(config_file, os.environ)
    config = file.read(clock.now())
    start_logging(config.daemon.log_level, os.environ)
    asyncio.run(Daemon(file, config, os.environ, clock).run())


def run() -> None:
    """Run `kairosd`, with the exit codes of `kairos`."""
    os.umask(0o077)
    try:
        kairosd(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except KairosError as error:
        _say(str(error))
        sys.exit(int(error.exit_code))
    except OSError as error:
        name = f": {os.fsdecode(error.filename)}" if isinstance(error.filename, str | bytes) else ""
        _say(f"{error.strerror or error}{name}.")
        sys.exit(int(ExitCode.ERROR))
    except click.exceptions.Exit as ended:
        sys.exit(ended.exit_code)


def _say(sentence: str) -> None:
    click.echo(f"kairosd: {visible(sentence)}", err=True)
