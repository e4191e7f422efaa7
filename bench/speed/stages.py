"""From the steps that a dream tells to the seconds that its stages took."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kairos.control.progress import Step

START = "start"
_BEHIND = {"read": "parse", "embed": "pair", "judge": "rules", "plan": "write", "apply": "end"}
_NAMES = {"apply": "write"}
STAGES = (START, "read", "parse", "compile", "embed", "pair", "judge", "rules", "plan", "write", "end")
"""All stages, in the order in which a dream goes through them.

Some tell when they begin and end; what lies behind the end of one goes by the name of what is done there. `rules` are
the judge's own signals beside the model's opinion.
"""


@dataclass(frozen=True, slots=True)
class Stamped:
    """A step, and the second at which it was told."""

    at: float
    step: Step


def seconds_by_stage(told: Iterable[Stamped], began: float, ended: float) -> Mapping[str, float]:
    """Return the seconds of each stage of a process that ran from `began` to `ended`; nothing where it told no step."""
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
    """Return the stage that a process is in once it has told a step."""
    if step.done >= step.of and step.stage in _BEHIND:
        return _BEHIND[step.stage]
    return _NAMES.get(step.stage, step.stage)
