"""Computes how long each stage of a dream took, from the progress steps that it reported."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kairos.control.progress import Step

START = "start"
_FOLLOWING = {"read": "parse", "embed": "pair", "judge": "rules", "plan": "write", "apply": "end"}
_NAMES = {"apply": "write"}
STAGES = (START, "read", "parse", "compile", "embed", "pair", "judge", "rules", "plan", "write", "end")
"""All stages, in the order in which a dream goes through them.

Some stages report their beginning and end; the time after such an end is named after the work done there. `judge` is
the model's opinions, `rules` the judge's own signals.
"""


@dataclass(frozen=True, slots=True)
class Stamped:
    """A step, and the time in seconds at which it was reported."""

    at: float
    step: Step


def seconds_by_stage(told: Iterable[Stamped], began: float, ended: float) -> Mapping[str, float]:
    """Return the seconds of each stage of a process that ran from `began` to `ended`; empty if it reported no step."""
    seconds: dict[str, float] = {}
    stage, since = START, began
    for stamped in told:
        seconds[stage] = seconds.get(stage, 0.0) + stamped.at - since
        stage, since = _stage_after(stamped.step), stamped.at
    if not seconds:
        return {}
    seconds[stage] = seconds.get(stage, 0.0) + ended - since
    return seconds


def _stage_after(step: Step) -> str:
    """Return the stage that a process is in after reporting a step."""
    if step.done >= step.of and step.stage in _FOLLOWING:
        return _FOLLOWING[step.stage]
    return _NAMES.get(step.stage, step.stage)
