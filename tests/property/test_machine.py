"""Everything that the state machine can do, in any order.

`make prove-machine MINUTES=30` is the long form; SEED=… repeats a run that printed this seed.
"""

from __future__ import annotations

import os
import time

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.property.machine import COUNTS, Machine

pytestmark = pytest.mark.timeout(24 * 3600)

MINUTES = float(os.environ.get("KAIROS_PROVE_MINUTES", "0"))
SEED = int(os.environ.get("KAIROS_PROVE_SEED") or time.time())


def test_nothing_is_lost_whatever_happens_in_any_order() -> None:
    short = settings(
        max_examples=8 if not MINUTES else 5,
        stateful_step_count=15 if not MINUTES else 40,
        derandomize=not MINUTES,  # the same steps each time in `make test`
        deadline=None,
        suppress_health_check=list(HealthCheck),
        database=None,  # the seed is enough to repeat a run
        phases=(Phase.generate,),  # steps are too slow for shrinking to finish
    )
    if not MINUTES:
        run_state_machine_as_test(Machine, settings=short)
        return
    end, number = time.monotonic() + MINUTES * 60, SEED
    print(f"\n  seed {SEED}", flush=True)
    while time.monotonic() < end:
        try:
            run_state_machine_as_test(seed(number)(Machine), settings=short)
        except BaseException as error:
            error.add_note(f"The same again: make prove-machine SEED={number} MINUTES=0.01")
            raise
        number += 1
    print(f"  seeds {SEED} to {number - 1}: {COUNTS['steps']:,} steps, {COUNTS['killed']:,} processes killed")
    print(f"  {dict(COUNTS)}")
