from __future__ import annotations

import click

from kairos.cli.app import cli
from kairos.cli.options import PathAsGiven


def test_no_command_checks_a_root_before_it_runs() -> None:
    """The check would block on a dead mount, and end the dreams over all other roots with exit code 2."""
    context = click.Context(cli)
    commands = [cli.get_command(context, name) for name in cli.list_commands(context)]
    for command in filter(None, commands):
        for parameter in command.params:
            if isinstance(parameter, click.Argument) and isinstance(parameter.type, click.Path):
                assert isinstance(parameter.type, PathAsGiven), command.name
