"""The existing lines of an index: broken pointers are mended or removed, duplicates removed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from kairos.core.change.taken_back import TakenBack
from kairos.core.index.hooks import says_something_unique, unlinked
from kairos.core.index.index_changes import index_change, readdressed
from kairos.core.index.index_skip import Fault, IndexSkip
from kairos.core.index.renewal import renewal
from kairos.core.markdown.links import OUTSIDE, LinkForm, links
from kairos.core.markdown.render import apply_splices
from kairos.core.markdown.spans import overlapping
from kairos.core.root.conflicts_note import CONFLICTS_NOTE, POINTER_HOOK, TITLE
from kairos.core.root.pointers import Pointer, directory, renamed
from kairos.core.root.reading import Reading, place
from kairos.model import Change, Skip, Source, Span, Splice


@dataclass(slots=True, kw_only=True)
class Upkeep:
    """Plans the edits of the existing lines of one index file.

    `edited` are the edits that other changes make to it, `gone` the paths that this dream removes, and `renewed` the
    new texts of lines by their ids. `kept` are the pointers, with their targets, that stay after all steps so far. If
    more than `most_broken` pointers lead nowhere, none of them is removed. What was `taken_back` before is left as it
    is. `_occurrence` numbers each line among those with the same text.
    """

    source: Source
    reading: Reading
    found: Sequence[Pointer]
    edited: Sequence[Splice]
    gone: frozenset[str]
    most_broken: int | None = None
    taken_back: TakenBack = field(default_factory=TakenBack)
    renewed: Mapping[str, str] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    skipped: list[Skip] = field(default_factory=list)
    kept: list[tuple[Pointer, str]] = field(default_factory=list)
    _mends: dict[Span, Change] = field(default_factory=dict)
    _occurrence: dict[Span, int] = field(default_factory=dict)
    _refused_targets: set[str] = field(default_factory=set)

    def maintain(
        self, elsewhere: frozenset[str], already: Collection[str] = (), *, coming: Collection[str] = ()
    ) -> None:
        """Mend or remove broken pointers, and remove duplicates.

        `elsewhere` are the targets of other files, `already` those of a file that was handled before this one, and
        `coming` the paths that this dream creates.
        """
        seen = dict.fromkeys(already, "")
        ordered = sorted(self.edited, key=lambda edit: edit.span)
        broken: list[Pointer] = []
        for pointer in self.found:
            if ordered and self._is_edited(pointer, ordered):
                self._record_repointed(pointer, seen, ordered)
            elif OUTSIDE in pointer.targets:
                advice = "Check whether it belongs here; it is never followed or edited."
                self._skip(pointer, f"{pointer.links[0].target} is outside the root", advice)
            elif _leads_to_missing_conflicts_note(pointer):
                self._hand_over_pointer(pointer, seen, coming)
            elif None in pointer.targets or not self.gone.isdisjoint(pointer.targets):
                if not self._mend(pointer, seen, elsewhere):
                    broken.append(pointer)
            elif pointer.is_single and pointer.target in seen and not self._says_more(pointer):
                reason = f"a second pointer to {pointer.target}"
                self._drop(pointer, reason, [self._text_of(pointer.target or "", seen)], why="again")
            else:
                self._keep(pointer, seen)
        self._remove_broken(broken)

    def _hand_over_pointer(self, pointer: Pointer, seen: dict[str, str], coming: Collection[str]) -> None:
        """Keep a pointer to the deleted note of conflicts if the note is coming back; remove it otherwise."""
        if CONFLICTS_NOTE in seen or CONFLICTS_NOTE not in coming:
            self._drop(pointer, f"{CONFLICTS_NOTE} does not exist", [f"{TITLE} {POINTER_HOOK}"])
        else:
            seen[CONFLICTS_NOTE] = pointer.entry.raw
            self.kept.append((pointer, CONFLICTS_NOTE))

    def _keep(self, pointer: Pointer, seen: dict[str, str]) -> None:
        target = pointer.target or ""
        if pointer.is_single:
            seen.setdefault(target, pointer.entry.raw)
        if len(pointer.links) == 1 and pointer.links[0].form is LinkForm.LOOSE:
            self._readdress(
                pointer,
                target,
                f"the link to {target} contains spaces, so Markdown does not read it as a link",
            )
        elif line := self.renewed.get(pointer.entry.id):
            self._renew(pointer, line)
        else:
            self.kept.append((pointer, target))

    def _renew(self, pointer: Pointer, line: str) -> None:
        """Rewrite a line. This follows from what goes in this plan, whatever was taken back before."""
        change, after = renewal(pointer, line)
        self._mends[pointer.entry.span] = change
        self.changes.append(change)
        self.kept.append((after, pointer.target or ""))

    def _record_repointed(self, pointer: Pointer, seen: dict[str, str], ordered: Sequence[Splice]) -> None:
        """Record the new target of a pointer that another change repoints, with the text of its line after that."""
        start, end = pointer.entry.span
        within = [
            replace(edit, span=Span(edit.span.start - start, edit.span.end - start))
            for edit in overlapping(ordered, pointer.entry.span)
            if start <= edit.span.start < edit.span.end <= end
        ]
        data = apply_splices(self.source.data[start:end], within)
        found = links(replace(self.source, data=data))
        known, line = self.reading.derived(directory), data.decode("utf-8", "replace").rstrip("\r\n")
        for link in [one for one in found if one.form is not LinkForm.CODE] or found:
            target = known.resolve(link, self.source.path)
            if target and target not in pointer.targets:
                seen.setdefault(target, line)

    def _text_of(self, path: str, seen: Mapping[str, str]) -> str:
        """Return the text of a note that is pointed to, and the line that stays for it."""
        source = self.reading.sources.get(path)
        return f"{seen.get(path, '')}\n{source.data.decode('utf-8', 'replace') if source else ''}"

    @staticmethod
    def _is_edited(pointer: Pointer, ordered: Sequence[Splice]) -> bool:
        span = pointer.entry.span
        return any(span.start < edit.span.end for edit in overlapping(ordered, span))

    def _says_more(self, pointer: Pointer) -> bool:
        """Whether a line leads to a section of a note, or names other notes."""
        end = pointer.links[0].target_span.end
        return self.source.data[end : end + 1] == b"#" or bool(pointer.mentions)

    def _skip(self, pointer: Pointer, reason: str, advice: str) -> None:
        line = pointer.entry
        self.skipped.append(Skip(f"{self.source.path}:{line.line}", reason, advice, line.raw))

    def _mend(self, pointer: Pointer, seen: dict[str, str], elsewhere: frozenset[str]) -> bool:
        """Mend a broken pointer if its note was renamed. Return whether it is dealt with, or left to the user."""
        link = pointer.links[0]
        if not pointer.is_single:
            pairs = zip(pointer.links, pointer.targets, strict=True)
            broken = next(one.target for one, to in pairs if to is None or to in self.gone)
            self._skip(
                pointer,
                f"one of its links is broken ({broken})",
                "Fix it by hand: the line has other links.",
            )
            return True
        new = renamed(link, self.reading) if pointer.target is None else None
        if new is None or new in self.gone:
            return False
        if new in seen or new in elsewhere or any(new in one.targets for one in self.found):
            reason = f"{link.target} is now {new}, which another line points to"
            self._drop(pointer, reason, [self._text_of(new, seen)], why="renamed")
        elif led := self._readdress(pointer, new, f"{link.target} is now {new}"):
            seen[new] = led.entry.raw
        return True

    def _readdress(self, pointer: Pointer, new: str, reason: str) -> Pointer | None:
        """Rewrite the address of a pointer and keep the pointer; None if that was taken back before."""
        edit, mended = readdressed(pointer, self.source, new, self.reading.derived(directory))
        key = ("mend", pointer.links[0].target, new)
        change = index_change(place(pointer.entry), (edit,), reason, *key)
        if self._was_taken_back(change, f"{reason}; fixing it", note=new):
            self._refused_targets.add(new)
            return None
        self._mends[pointer.entry.span] = change
        self.changes.append(change)
        self.kept.append((mended, new))
        return mended

    def _was_taken_back(self, change: Change, left: str, note: str = "") -> bool:
        """Whether a change was taken back before, and so is not made; adds the skip that says so.

        `note` is the path of the note that it would have made reachable.
        """
        skip = self.taken_back.refusal(change.key, change.subject.reference, left, change.subject.text)
        self.skipped += [IndexSkip.of(skip, note=note)] if skip else []
        return skip is not None

    def _remove_broken(self, broken: Sequence[Pointer]) -> None:
        """Remove pointers to what is missing or goes. If so many are missing that this may be a sync, those stay."""
        lost = [pointer for pointer in broken if pointer.target is None]
        wait = self.most_broken is not None and len(lost) > self.most_broken
        if wait:
            reason = (
                f"{len(lost)} of its {len(self.found)} pointers lead nowhere, too many to remove unattended"
            )
            advice = (
                "Check whether the notes are yet to be written; if not, raise limits.max_removed_fraction."
            )
            self.skipped.append(IndexSkip.of(Skip(self.source.path, reason, advice), Fault.BROKEN_POINTERS))
        for pointer in broken:
            if pointer.target is not None:
                self._drop(
                    pointer, f"{pointer.target} goes", [self._text_of(pointer.target, {})], follows=True
                )
            elif not wait:
                self._drop(pointer, f"{pointer.links[0].target} does not exist")

    def _drop(
        self,
        pointer: Pointer,
        reason: str,
        says_it: Sequence[str] = (),
        *,
        why: str = "gone",
        follows: bool = False,
    ) -> None:
        """Remove a line, but keep its words if neither `says_it` nor, where that is empty, any note has them.

        If the removal `follows` from what goes in this plan, it is made even if it was taken back before: no good
        pointer is left broken.
        """
        if pointer.mentions:
            self._skip(pointer, f"{reason}; it also names {pointer.mentions[0]}", "Fix it by hand.")
            return
        edits: tuple[Splice, ...] = (Splice(self.source.path, pointer.entry.span, b""),)
        left = f"{reason}; removing it"
        if says_something_unique(pointer, says_it, self.reading, self.gone):
            left = f"{reason}; removing its link"
            edits, reason = unlinked(pointer), f"{reason}; its words are nowhere else, so they stay"
        change = index_change(place(pointer.entry), edits, reason, *self.key_of_drop(pointer, why))
        if follows or not self._was_taken_back(change, left):
            self.changes.append(change)
        elif why == "again":
            self.kept.append((pointer, pointer.target or ""))

    def key_of_drop(self, pointer: Pointer, why: str = "gone") -> tuple[str, ...]:
        """Return the key of the change that removes a line; it does not depend on what is written above the line."""
        if not self._occurrence:
            alike: Counter[str] = Counter()
            for one in self.found:
                self._occurrence[one.entry.span] = alike[one.entry.digest]
                alike[one.entry.digest] += 1
        return (
            "drop",
            self.source.path,
            pointer.entry.digest,
            str(self._occurrence[pointer.entry.span]),
            why,
        )


def leads_to_it(pointer: Pointer) -> bool:
    """Whether a pointer leads to the note of conflicts, whether or not that exists."""
    return pointer.target == CONFLICTS_NOTE or _leads_to_missing_conflicts_note(pointer)


def _leads_to_missing_conflicts_note(pointer: Pointer) -> bool:
    return pointer.target is None and pointer.is_single and pointer.links[0].target == CONFLICTS_NOTE
