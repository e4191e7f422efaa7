"""Finds entries that are unchanged in files that changed elsewhere, so that earlier verdicts on them still hold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kairos.core.markdown.claims import statement_key
from kairos.core.root.facts import FileFacts
from kairos.core.root.reading import Reading
from kairos.dream.kept_codec import FileVersion


def earlier_positions(
    ids: Iterable[str], reading: Reading, earlier: Mapping[FileVersion, FileFacts]
) -> dict[str, tuple[str, str]]:
    """Return (id, sha256 of the file) that entries had in the `earlier` facts, by their present ids.

    Entries with a change that affects their statement (text, code, context, day or checkbox) are left out.
    """
    changed = []
    found: dict[str, tuple[str, str]] = {}
    for id_ in dict.fromkeys(ids):
        entry = reading.entries[id_]
        file = reading.sources[entry.path].sha256
        if (entry.path, file) in earlier:
            found[id_] = id_, file
        else:
            changed.append(entry)
    if not changed:
        return found
    now, texts = {source.sha256 for source in reading.sources.values()}, {entry.text for entry in changed}
    before = {
        statement_key(entry, facts.note): (entry.id, file)
        for (_, file), facts in earlier.items()
        if file not in now
        for entry in facts.note.entries
        if entry.text in texts
    }
    for entry in changed:
        then = before.get(statement_key(entry, reading.note_of(entry)))
        if then is not None:
            found[entry.id] = then
    return found
