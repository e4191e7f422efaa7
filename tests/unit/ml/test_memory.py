"""What is made while nothing is collected stays, and the collector is as it was afterwards."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import suppress

import pytest

from kairos.ml.memory import uncollected


@pytest.fixture(autouse=True)
def as_it_was() -> Iterator[None]:
    yield
    gc.unfreeze()


@pytest.mark.parametrize("on", [True, False])
def test_the_collector_is_as_it_was_and_never_looks_at_what_was_made(*, on: bool) -> None:
    was_on = gc.isenabled()
    (gc.enable if on else gc.disable)()
    try:
        with suppress(KeyError), uncollected():
            assert not gc.isenabled()
            made = [object()]
            raise KeyError
        assert gc.isenabled() is on
        assert not any(one is made for one in gc.get_objects())
    finally:
        (gc.enable if was_on else gc.disable)()
