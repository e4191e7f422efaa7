"""How a dream tells whoever started it how far it is: one JSON object a line, on a pipe that the environment names."""

from __future__ import annotations

import json
from dataclasses import dataclass

PROGRESS_FD = "KAIROS_PROGRESS_FD"
"""The environment variable that holds the number of the pipe's file descriptor."""

LONGEST_LINE = 512
"""Bytes, with the line feed: so short a line goes through a pipe whole or not at all."""

_LONGEST_STAGE = 64


@dataclass(frozen=True, slots=True)
class Step:
    """`done` of `of` steps of a stage are done."""

    stage: str
    done: int
    of: int


def step_line(step: Step) -> bytes:
    """Return the line for a step."""
    return json.dumps({"stage": step.stage, "done": step.done, "of": step.of}).encode() + b"\n"


def read_step(line: bytes) -> Step | None:
    """Return the step that a line tells; None where it tells none."""
    try:
        value = json.loads(line)
        stage, done, of = value["stage"], value["done"], value["of"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    if not (isinstance(stage, str) and len(stage) <= _LONGEST_STAGE and stage.isprintable()):
        return None
    return Step(stage, done, of) if type(done) is type(of) is int else None
