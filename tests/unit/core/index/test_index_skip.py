"""A skip with codes is found by them, and is read back from the state as a plain skip."""

from __future__ import annotations

from kairos.core.index.index_skip import Fault, IndexSkip, about_fault, about_note
from kairos.model import Skip
from kairos.store.codec import from_json, to_json

FULL = IndexSkip.of(Skip("MEMORY.md", "it is full", "Shorten it."), Fault.TOO_LARGE, Fault.NO_POINTER)
ALONE = IndexSkip.of(Skip("MEMORY.md", "a pointer was undone before"), note="tea.md")
SKIPS = (Skip("MEMORY.md", "too large, and no pointer"), FULL, ALONE)


def test_a_skip_is_found_by_its_codes_whatever_its_words() -> None:
    assert about_fault(Fault.TOO_LARGE, "MEMORY.md", SKIPS) == (FULL,)
    assert about_fault(Fault.TOO_LARGE, "MEMORY-tea.md", SKIPS) == ()
    assert about_fault(Fault.BROKEN_POINTERS, "MEMORY.md", SKIPS) == ()
    assert about_note("tea.md", SKIPS) == (ALONE,)


def test_the_state_keeps_what_people_read() -> None:
    read = from_json(tuple[Skip, ...], to_json(SKIPS))
    assert read == tuple(Skip(one.what, one.reason, one.advice) for one in SKIPS)
