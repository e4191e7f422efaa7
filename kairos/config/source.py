"""Reads YAML strictly: duplicate keys are faults, and syntax errors name their line."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import yaml

_MERGE_TAG = "tag:yaml.org,2002:merge"


class _StrictLoader(yaml.SafeLoader):
    """A SafeLoader that records duplicate keys instead of silently letting the last one win."""

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.duplicates: list[str] = []

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        lines: dict[str, int] = {}
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode) or key.tag == _MERGE_TAG:
                continue
            line = key.start_mark.line + 1
            if key.value in lines:
                first = lines[key.value]
                self.duplicates.append(
                    f"line {line}: the key {key.value!r} is given twice, first in line {first}"
                )
            lines.setdefault(key.value, line)
        return super().construct_mapping(node, deep)


def read_yaml(text: str) -> tuple[Any, tuple[str, ...]]:
    """Return the value of `text` (None if it is empty or not valid YAML), and its faults."""
    try:
        loader = _StrictLoader(text)
        value = loader.get_single_data()
    except yaml.MarkedYAMLError as error:
        return None, (_broken(error),)
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # ValueError: a day like 2026-99-99
        return None, (f"not readable as YAML: {' '.join(str(error).split())}",)
    return value, tuple(dict.fromkeys(loader.duplicates))


def _broken(error: yaml.MarkedYAMLError) -> str:
    mark = error.problem_mark or error.context_mark
    where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
    reason = ", ".join(part for part in (error.context, error.problem) if part)
    return f"{where}not readable as YAML: {reason}"
