"""The fuzz targets: each may reject its input with its own error; any other exception is a bug."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime
from typing import Any

from kairos.config import parse_config
from kairos.core.dates.relative import absolute_dates
from kairos.core.dates.today import Today
from kairos.core.index.budget import size
from kairos.core.index.linker import Linker
from kairos.core.markdown.claims import claims
from kairos.core.markdown.front_matter import front_matter
from kairos.core.markdown.links import links
from kairos.core.markdown.parse import parse, segments
from kairos.core.root.reading import Reading
from kairos.core.staleness.stale import stale
from kairos.core.values.values import values
from kairos.errors import ConfigError, StateError
from kairos.layouts.sessions import read_transcript
from kairos.model import Change, Conflict, Considered, FrontMatter, Role, Skip, Snapshot, Source
from kairos.report.escape import one_line, visible
from kairos.report.patch import Patched, git_patch
from kairos.store.codec import from_json, parse_time

Target = Callable[[bytes], object]
DAY = date(2026, 3, 1)
EVER = datetime.min.replace(tzinfo=UTC)
END = "/-p/memory/a.md"
WANTED = frozenset({"a.md"})
KINDS: tuple[Any, ...] = (
    tuple[str, ...],
    dict[str, str],
    dict[str, Any],
    tuple[Skip, ...],
    Considered,
    Change,
    Conflict,
)


def text_of(data: bytes) -> bytes:
    """Return the bytes in a form that a snapshot accepts: valid UTF-8 without NUL."""
    return data.decode("utf-8", "replace").replace("\0", "").encode()


def note(data: bytes) -> None:
    source = Source("n.md", text_of(data), "", 0, 0o644, Role.NOTE)
    found = parse(source)
    assert b"".join(segments(source, found)) == source.data
    ends = [0, *(entry.span.end for entry in found.entries)]
    for end, entry in zip(ends, found.entries, strict=False):
        assert end <= entry.span.start < entry.span.end <= len(source.data)
        values(entry.text)
        list(absolute_dates(found, entry, source.data))
    claims(found)
    list(stale(found, today=Today(DAY), exists=lambda _path: False))


def head(data: bytes) -> None:
    found = front_matter(data)
    if isinstance(found, FrontMatter):
        assert 0 <= found.span.start < found.span.end <= len(data)


def index(data: bytes) -> None:
    sources = (
        Source("MEMORY.md", text_of(data), "", 0, 0o644, Role.INDEX),
        Source("a.md", b"# A\n\nOne fact.\n", "", 0, 0o644, Role.NOTE),
        Source("b.md", text_of(data), "", 0, 0o644, Role.NOTE),
    )
    for source in sources:
        for link in links(source):
            assert source.data[slice(*link.span)]
            assert link.span.start <= link.target_span.start <= link.target_span.end <= link.span.end
    size(sources[0].data)
    linker = Linker(Reading.of(Snapshot("/r", "plain", sources)))
    changes, _ = linker.derived((), (), narrow=False)
    for change in changes:
        for edit in change.edits:
            assert not edit.path.startswith("/")
            assert ".." not in edit.path.split("/")


def config(data: bytes) -> None:
    with suppress(ConfigError):
        parse_config(data.decode("utf-8", "replace"), "fuzz")


def state(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    for kind in KINDS:
        with suppress(StateError):
            from_json(kind, text)
    with suppress(StateError):
        parse_time(text)


def transcript(data: bytes) -> None:
    """Read the bytes as lines of a transcript, and again as the text of a tool call in one."""
    text = data.decode("utf-8", "replace")
    use = {
        "type": "tool_use",
        "id": text[:9],
        "name": "WebFetch",
        "input": {"command": text, "file_path": END},
    }
    result = {"type": "tool_result", "tool_use_id": text[:9], "content": [text]}
    for tool in ("WebFetch", "Write", "Bash"):
        made = {"timestamp": text[:30], "message": {"content": [{**use, "name": tool}, result]}}
        found = read_transcript(
            [*data.splitlines(), json.dumps(made).encode()], "/-p/memory/", WANTED, "s", since=EVER
        )
        assert found.keys() <= {"a.md"}


def shown(data: bytes) -> None:
    text = data.decode("utf-8", "surrogateescape")
    assert visible(text).replace("\n", "").replace("\t", "").isprintable()
    assert one_line(text).isprintable()


def patch(data: bytes) -> None:
    before, _, after = data.partition(b"\0")
    path = os.fsdecode(data[:20].replace(b"\0", b"") or b"a")
    git_patch([Patched(path, before, after)])


TARGETS: Mapping[str, Target] = {
    "note": note,
    "front matter": head,
    "index": index,
    "config": config,
    "state": state,
    "transcript": transcript,
    "report": shown,
    "patch": patch,
}
