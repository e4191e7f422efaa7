from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date

import pytest

from kairos.core.root.facts import FileFacts
from kairos.core.root.reading import Reading
from kairos.model import Role, Source

Read = Callable[[Mapping[str, str]], Reading]
DAY_NS = 24 * 60 * 60 * 10**9
FILES = {
    "a.md": "# Ports\n\n- The API listens on 8080, see [b](b.md).\n- 2026-02-03: moved yesterday.\n",
    "b.md": "---\nname: b\ncreated: 2026-02-01\n---\n\n- Closed until 2026-01-31.\n",
    "2026-03-01.md": "# Log\n\n- Moved to the new office yesterday.\n",
}


def known(reading: Reading, path: str) -> FileFacts:
    """Return the facts of a file, with everything computed that is found out lazily."""
    facts = reading.facts[path]
    _ = (facts.claims, facts.links, facts.datings, facts.credentials)
    facts.stale(date(2026, 3, 2), lambda _: False)
    return facts


def told(facts: FileFacts) -> tuple[object, ...]:
    stale = facts.stale(date(2026, 3, 2), lambda _: False)
    statements = [facts.statements[entry.id] for entry in facts.note.entries]
    return facts.note, facts.claims, facts.links, facts.datings, facts.credentials, stale, statements


@pytest.mark.parametrize("path", FILES)
def test_facts_of_bytes_with_another_mtime_equal_fresh_ones(read: Read, path: str) -> None:
    facts = known(read(FILES), path)
    later = replace(facts.source, mtime_ns=facts.source.mtime_ns + 40 * DAY_NS)
    again = facts.of(later)
    assert again is not None
    assert again.source is later
    assert told(again) == told(FileFacts(later))


def test_a_new_mtime_makes_new_facts_only_without_another_date(read: Read) -> None:
    reading = read(FILES)
    undated, dated = known(reading, "a.md"), known(reading, "b.md")
    same_day = replace(undated.source, mtime_ns=undated.source.mtime_ns + 1)
    assert undated.of(same_day) is undated
    assert dated.of(replace(dated.source, mtime_ns=40 * DAY_NS)) is dated
    before = undated.note
    assert undated.of(replace(undated.source, mtime_ns=40 * DAY_NS)) is not undated
    assert undated.note is before  # a look at an earlier reading keeps its findings


@pytest.mark.parametrize("other", [{"path": "c.md"}, {"sha256": "0"}, {"role": Role.DAILY}])
def test_facts_are_not_reused_for_another_file(read: Read, other: dict[str, str]) -> None:
    facts = known(read(FILES), "a.md")
    changed: Source = replace(facts.source, **other)  # type: ignore[arg-type]
    assert facts.of(changed) is None
