"""A plan that leaves nothing to do: what goes must not change what else should go."""

from __future__ import annotations

from dataclasses import replace

from kairos.core.effects import gone
from kairos.core.plan import Planner
from kairos.dream.look import Look
from kairos.model import Plan

_PASSES = 4
"""How often a plan is made anew because what goes makes others each other's nearest."""


def settled_plan(planner: Planner, look: Look) -> tuple[Planner, Plan]:
    """Plan until what goes does not change what else should go: the next dream shall find nothing left to do."""
    plan = planner.plan()
    for _ in range(_PASSES):
        findings = look.without(planner.findings, gone(plan.changes, planner.reading))
        if findings == planner.findings:
            break
        planner = replace(planner, findings=findings)
        plan = planner.plan()
    return planner, plan
