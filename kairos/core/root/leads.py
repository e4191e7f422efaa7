"""Where the links of a root lead. After a plan, only the links of changed files are resolved again."""

from __future__ import annotations

from kairos.core.markdown.links import Directory
from kairos.core.root.facts import FileFacts
from kairos.core.root.pointers import directory
from kairos.core.root.reading import Reading
from kairos.model import Role

_EDITABLE = frozenset({Role.INDEX, Role.NOTE, Role.DAILY, Role.SECTIONS})

Leads = tuple[str | None, ...]
"""What the links of a file lead to, in order, as a `Directory` resolves them."""


def leads_in(reading: Reading) -> dict[str, Leads]:
    """Return what the links of each file lead to, by path."""
    before, known = reading.before, reading.derived(directory)
    if before is None or before.derived(directory) != known:
        return {path: leads_of(facts, known) for path, facts in reading.facts.items()}
    then = before.derived(leads_in)
    return {
        path: then[path] if before.facts.get(path) is facts else leads_of(facts, known)
        for path, facts in reading.facts.items()
    }


def leads_of(facts: FileFacts, known: Directory) -> Leads:
    """Return what the links of a file lead to."""
    return tuple(known.resolve(link, facts.source.path) for link in facts.links)


def linking(reading: Reading) -> dict[str, tuple[str, ...]]:
    """Return, for each path that is linked to, the editable files that link to it."""
    found: dict[str, list[str]] = {}
    for path, leads in reading.derived(leads_in).items():
        if leads and reading.sources[path].role in _EDITABLE:
            for to in filter(None, dict.fromkeys(leads)):
                found.setdefault(to, []).append(path)
    return {path: tuple(sorted(by)) for path, by in found.items()}
