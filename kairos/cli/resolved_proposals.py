"""Which proposals, and of which root, the arguments of `kairos approve` and `kairos reject` mean."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from kairos.cli.access import home, open_state
from kairos.cli.keys import RootedKey, resolve_key
from kairos.cli.roots import innermost, known_root, located
from kairos.errors import UsageError
from kairos.report.phrases import shell_path

if TYPE_CHECKING:
    from kairos.config import Config
    from kairos.store.state import State

_KEY = re.compile(r"[0-9a-f]+")
_ADVICE = "See `kairos proposals`."


class ResolvedProposals(NamedTuple):
    """A root, and the full keys of some of its proposals."""

    root: str
    keys: tuple[str, ...]


def resolve_proposals(words: Sequence[str], config: Config, command: str) -> ResolvedProposals:
    """Return what `PROPOSAL... [ROOT]` means: each word is a key, a prefix of one, or a note that has proposals.

    Raises UsageError for a word that matches nothing, or is ambiguous. `command` is what the error advises to type
    before the word.
    """
    given = [word for word in (words[0], words[-1]) if not _KEY.fullmatch(word) and Path(word).is_dir()]
    root = given[0] if len(words) > 1 and given else None
    if set(words) == {root}:
        raise UsageError(f"Say which proposal of {root} you mean.", _ADVICE)
    with open_state(config) as state:
        name = None if root is None else known_root(Path(root), state)
        found = [_resolve(word, name, state, command) for word in words if word != root]
    roots = {resolved.root for resolved in found}
    if len(roots) > 1:
        raise UsageError(
            "These proposals belong to more than one memory directory.", "Decide one directory at a time."
        )
    return ResolvedProposals(
        roots.pop(), tuple(dict.fromkeys(key for resolved in found for key in resolved.keys))
    )


def _resolve(word: str, root: str | None, state: State, command: str) -> ResolvedProposals:
    from kairos.dream.decisions import matching_proposals

    noted = _of_note(word, root, state, command)
    if noted is not None:
        return noted
    _refuse_kept(word, root, state, command)
    known = [RootedKey(*one) for one in matching_proposals(state, word, None if root is None else Path(root))]
    resolved = resolve_key(word, known, root=root, what="proposal", advice=_ADVICE, command=command)
    return ResolvedProposals(resolved.root, (resolved.key,))


def _of_note(word: str, root: str | None, state: State, command: str) -> ResolvedProposals | None:
    """Return all proposals about a note, given as reports name it or by its path; None if there are none."""
    if _KEY.fullmatch(word):
        return None
    waiting = [(one.root, one.change) for one in state.proposals(root)]
    placed = located(Path(word), sorted({name for name, _ in waiting}))
    about = _keys_of((name, change.key) for name, change in waiting if (name, change.subject.file) == placed)
    cwd = str(Path.cwd())
    if not about:
        about = _keys_of((name, change.key) for name, change in waiting if change.subject.file == word)
        inside = innermost(cwd, state.roots()) if root is None else None
        if about and inside is not None and innermost(cwd, about) is None:
            elsewhere = " or ".join(
                f"`{command} {word} {shell_path(name, home())}`" for name in sorted(about)
            )
            raise UsageError(
                f"No proposal about {word} waits in {inside}.", f"One waits elsewhere: {elsewhere}."
            )
    if not about:
        return None
    here = innermost(cwd, about)
    if len(about) > 1 and here is None:
        raise UsageError(
            f"Proposals about {word} wait in more than one memory directory: {', '.join(sorted(about))}.",
            f"Say which: `{command} {word} DIRECTORY`.",
        )
    name = here or next(iter(about))
    return ResolvedProposals(name, about[name])


def _refuse_kept(word: str, root: str | None, state: State, command: str) -> None:
    """Raise UsageError for a note that has no proposals about it, but what would stay of another note's."""
    waiting = state.proposals(root) if not _KEY.fullmatch(word) else ()
    placed = located(Path(word), sorted({one.root for one in waiting}))
    for one in waiting:
        witness = one.change.witness
        if witness and (placed == (one.root, witness.place.file) or word == witness.place.file):
            raise UsageError(
                f"No proposal would remove anything from {word}; one removes {one.change.subject.reference}, "
                f"because {witness.place.reference} says it.",
                f"Decide on that one by its key: `{command} {one.change.key}`.",
            )


def _keys_of(proposals: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    """Group (root, key) pairs by root."""
    found: dict[str, tuple[str, ...]] = {}
    for root, key in proposals:
        found[root] = (*found.get(root, ()), key)
    return found
