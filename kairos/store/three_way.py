"""Three-way merge of a file, line by line or section by section: what an undo takes back, around later edits."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from merge3 import Merge3

from kairos.core.markdown.sections import joined_like, round_trips, sections

_Rule = Callable[[list[bytes], list[bytes], list[bytes]], list[bytes] | None]
"""How to merge two edits of the same lines, given those lines in `base`, `other` and `this`."""


class Clash(Exception):  # noqa: N818 - caught by an undo, never seen by a user
    """Two edits of the same lines."""


class Deleted(Exception):  # noqa: N818 - same
    """The file was deleted after the dream."""


def merge(
    path: str, *, base: bytes | None, other: bytes | None, this: bytes | None, sectioned: bool = False
) -> bytes | None:
    """Apply the step from `base` to `other` to `this`; None stands for a file that does not exist.

    In a `sectioned` file, lines of `§` separate the entries. Raises Clash if `this` has changed where the step does,
    Deleted if it is gone.
    """
    if other in {base, this}:
        return this
    if this == base:
        return other
    if this is None:
        raise Deleted(path)
    if base is None:
        if other is not None and _contains_lines(this, other):
            return this
        raise Clash(f"{path} exists again with different content")
    if other is None:
        raise Clash(f"{path} was edited after Kairos made it")
    sides = (base, other, this)
    if sectioned and all(map(round_trips, sides)):
        return _merge_sections(path, *sides)
    try:
        return b"".join(_merge_pieces(path, *(data.splitlines(keepends=True) for data in sides)))
    except Clash:
        merged = _merge_pieces(path, *_terminated_lines(*sides), rules=_LOSSLESS)
        return _unterminated_like(this, b"".join(merged))


def _merge_sections(path: str, base: bytes, other: bytes, this: bytes) -> bytes:
    """Merge entries between lines of `§`: line by line, a delimiter could be lost, or stand twice."""
    pieces = [[data[slice(*span)] for span in sections(data)] for data in (base, other, this)]
    lines = [this.count(b"\n", 0, span.start) + 1 for span in sections(this)]
    try:
        merged = _merge_pieces(path, *pieces, lines=lines)
    except Clash:
        merged = _merge_pieces(path, *pieces, rules=(*_LOSSLESS, _as_facts), lines=lines)
    return joined_like(this, merged)


def _is_terminated(text: bytes) -> bool:
    return not text or text.endswith((b"\n", b"\r"))


def _terminated_lines(*texts: bytes) -> Iterator[list[bytes]]:
    """Yield the lines of each text, with its last line ended like the others.

    A line that was added below it since is then no edit of it.
    """
    lines = [text.splitlines(keepends=True) for text in texts]
    ends = (line[len(line.rstrip(b"\r\n")) :] for some in lines for line in some)
    end = next(filter(None, ends), b"\n")
    for text, some in zip(texts, lines, strict=True):
        yield some if _is_terminated(text) else [*some[:-1], some[-1] + end]


def _unterminated_like(this: bytes, merged: bytes) -> bytes:
    """Remove the end of a merged text's last line, if that is certainly the unterminated last line of `this`."""
    if _is_terminated(this):
        return merged
    lines, of_now = merged.splitlines(), this.splitlines()
    is_that = lines[-1:] == of_now[-1:] and lines.count(lines[-1]) == of_now.count(lines[-1]) == 1
    return merged.rstrip(b"\r\n") if is_that else merged


def _contains_lines(data: bytes, other: bytes) -> bool:
    """Whether all lines of `other` are in a text, in order."""
    lines = iter(data.splitlines())
    return all(line in lines for line in other.splitlines())


def _merge_pieces(
    path: str,
    base: list[bytes],
    other: list[bytes],
    this: list[bytes],
    *,
    rules: Sequence[_Rule] = (),
    lines: Sequence[int] = (),
) -> list[bytes]:
    """Merge lines or other pieces; `rules` are tried, in turn, on those that both sides touched.

    `lines` are the numbers of the lines at which the pieces of `this` begin; by default each piece is a line.
    """
    sides = {"unchanged": base, "same": other, "a": other, "b": this}
    merged: list[bytes] = []
    against: list[str] = []
    for region in Merge3(base, other, this).merge_regions():
        if region[0] == "conflict":
            _, *bounds = region
            parts = (base[bounds[0] : bounds[1]], other[bounds[2] : bounds[3]], this[bounds[4] : bounds[5]])
            left = next((found for rule in rules if (found := rule(*parts)) is not None), None)
            if left is None:
                first, last = _line_numbers(bounds[4], bounds[5], lines)
                against.append(f"line {first}" if first == last else f"lines {first}–{last}")
            else:
                merged += left
        else:
            merged += sides[region[0]][region[1] : region[2]]
    if against:
        raise Clash(f"{path}, {' and '.join(against)}")
    return merged


def _line_numbers(start: int, end: int, lines: Sequence[int]) -> tuple[int, int]:
    """Return the numbers of the lines at which the first and the last of some pieces begin."""
    if not lines:
        return start + 1, max(end, start + 1)
    final = len(lines) - 1
    return lines[min(start, final)], lines[min(max(end - 1, start), final)]


def _common_lines(base: list[bytes], other: list[bytes], this: list[bytes]) -> list[bytes] | None:
    """The lines that both sides still have, if neither did more than remove lines; else None.

    A dream adds pointers next to each other, and something later removes one of them: that must not block an undo of
    the rest. Among equal lines it cannot be told which one went, so these give None.
    """
    if len(set(base)) < len(base):
        return None
    if any([line for line in base if line in side] != side for side in (other, this)):
        return None
    return [line for line in other if line in this]


def _around_a_block(base: list[bytes], other: list[bytes], this: list[bytes]) -> list[bytes] | None:
    """Lines inserted above and below a block that is otherwise unchanged, with the block replaced; else None.

    Lines that the undo restores come before those that were appended in their place.
    """
    places = range(len(this) - len(base) + 1)
    start = next((at for at in places if this[at : at + len(base)] == base), None)
    if start is None:
        return None
    inserted = this[:start], this[start + len(base) :]
    return _unless_back(inserted[0] + other + inserted[1], base, other, inserted[0] + inserted[1])


def _around_insertions(base: list[bytes], other: list[bytes], this: list[bytes]) -> list[bytes] | None:
    """The same for lines that were inserted anywhere between unchanged ones; None if some lines are equal."""
    kept = [line for line in base if line in other]
    if len(set(base)) < len(base) or [line for line in this if line in base] != base:
        return None
    if [line for line in other if line in base] != kept:
        return None
    merged: list[bytes] = []
    runs = (list(_split_at(kept, lines)) for lines in (base, other, this))
    for kept_line, (removed, restored, found) in zip([*kept, None], zip(*runs, strict=True), strict=True):
        start = found.index(removed[0]) if removed else 0
        merged += [*found[:start], *restored, *(line for line in found[start:] if line not in removed)]
        merged += [] if kept_line is None else [kept_line]
    return _unless_back(merged, base, other, [line for line in this if line not in base])


def _as_facts(base: list[bytes], other: list[bytes], this: list[bytes]) -> list[bytes] | None:
    """Entries that each stand alone: those that the undo restores, each below the one it stood below; else None.

    What was added or removed since says nothing about them, unless one was reworded, which looks as if it were removed.
    """
    taken = set(base).difference(other)
    if not taken.issubset(this) or any(len(set(side)) < len(side) for side in (base, other, this)):
        return None
    merged, above = [entry for entry in this if entry not in taken], -1
    for entry in other:
        if entry not in base:
            above += 1
            merged.insert(above, entry)
        elif entry in merged:
            above = merged.index(entry)
    return _unless_back(merged, base, other, [entry for entry in this if entry not in base])


def _split_at(separators: list[bytes], lines: list[bytes]) -> Iterator[list[bytes]]:
    """Yield the lines before, between and after the separators."""
    start = 0
    for separator in separators:
        end = lines.index(separator)
        yield lines[start:end]
        start = end + 1
    yield lines[start:]


def _unless_back(
    merged: list[bytes], base: list[bytes], other: list[bytes], inserted: list[bytes]
) -> list[bytes] | None:
    """Return the merged lines unless a line that the undo restores was already put back."""
    restored = {line.strip() for line in other if line not in base} - {b""}
    return None if any(line.strip() in restored for line in inserted) else merged


_LOSSLESS: tuple[_Rule, ...] = (_common_lines, _around_a_block, _around_insertions)
"""Ways to merge two edits of the same lines that lose nothing of either; each returns None if it does not apply."""
