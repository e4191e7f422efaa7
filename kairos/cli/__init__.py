"""The command line: one module for each command."""

from __future__ import annotations

import gc

# What a start makes stays: to look for garbage in it takes longer than `kairos status` itself.
gc.set_threshold(50_000, *gc.get_threshold()[1:])


def main() -> None:
    """Run `kairos` with the arguments of this process, and leave with its exit code."""
    from kairos.cli.app import main as run

    run()
