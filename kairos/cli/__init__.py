"""The command line: one module for each command."""

from kairos.cli.app import main

__all__ = ["main"]
