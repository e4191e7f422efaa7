"""Commands of Kairos that a sentence names. Cheap to import."""

from __future__ import annotations

import re

_COMMAND = re.compile(r"`(kairos (?!(?:init|completion)\b)[a-z]+(?:[^`']|'[^']*')*)`")
_WITHOUT_OPTIONS = (" --help", " -h")


def with_options(sentence: str, options: str) -> str:
    """Add options, such as those that name the configuration, to the commands that a sentence has in backticks."""
    return _COMMAND.sub(lambda match: f"`{_extended(match[1], options)}`", sentence) if options else sentence


def _extended(command: str, options: str) -> str:
    return command if command.endswith(_WITHOUT_OPTIONS) else f"{command} {options}"
