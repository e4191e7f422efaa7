"""`kairos completion`."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class


@click.command()
@click.argument("shell", metavar="SHELL", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the completion script for a shell.

    SHELL is bash, zsh or fish.

    \b
    For bash:
      kairos completion bash > ~/.local/share/bash-completion/completions/kairos
    """
    complete = get_completion_class(shell)
    if complete is not None:
        click.echo(complete(context.find_root().command, {}, "kairos", "_KAIROS_COMPLETE").source())
