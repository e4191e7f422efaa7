"""How a dream reports its progress to whatever started it: JSON lines on a pipe named by the environment."""

from __future__ import annotations

import json
from dataclasses import dataclass

PROGRESS_FD = "KAIROS_PROGRESS_FD"
"""The environment variable with the number of the pipe's file descriptor."""

LONGEST_LINE = 512
"""In bytes, with the line feed: a line this short is written to a pipe in full or not at all."""

_LONGEST_STAGE = 64


@dataclass(frozen=True, slots=True)
class Step:
    """One step of progress: `done` out of `of` steps of a stage are complete."""

    stage: str
    done: int
    of: int


def step_line(step: Step) -> bytes:
    """Encode a step as a line."""
    return json.dumps({"stage": step.stage, "done": step.done, "of": step.of}).encode() + b"\n"


def read_step(line: bytes) -> Step | None:
    """Decode a step; None if the line is not a valid one."""
    try:
        value = json.loads(line)
        stage, done, of = value["stage"], value["done"], value["of"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    if not (isinstance(stage, str) and len(stage) <= _LONGEST_STAGE and stage.isprintable()):
        return None
    return Step(stage, done, of) if type(done) is type(of) is int else None
