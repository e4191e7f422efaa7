"""Three-way merge of a file, line by line: what an undo takes back, around what was edited since."""

from __future__ import annotations

from collections.abc import Iterator

from merge3 import Merge3


class Clash(Exception):  # noqa: N818 - caught by an undo, never seen by a user
    """Two edits of the same lines."""


class Deleted(Exception):  # noqa: N818 - same
    """The file was deleted after the dream."""


def merge(path: str, *, base: bytes | None, other: bytes | None, this: bytes | None) -> bytes | None:
    """Apply the step from `base` to `other` to `this`; None stands for a file that does not exist.

    Raises Clash if `this` has changed where the step does, Deleted if it is gone.
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
    try:
        return _merge_lines(path, *(data.splitlines(keepends=True) for data in sides))
    except Clash:
        if all(map(_is_terminated, sides)):
            raise
        return _unterminated_like(this, _merge_lines(path, *_terminated_lines(*sides)))


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


def _merge_lines(path: str, base: list[bytes], other: list[bytes], this: list[bytes]) -> bytes:
    sides = {"unchanged": base, "same": other, "a": other, "b": this}
    lines: list[bytes] = []
    against: list[str] = []
    for region in Merge3(base, other, this).merge_regions():
        if region[0] == "conflict":
            _, *bounds = region
            parts = (base[bounds[0] : bounds[1]], other[bounds[2] : bounds[3]], this[bounds[4] : bounds[5]])
            left = _common_lines(*parts)
            if left is None:
                first, last = bounds[4] + 1, max(bounds[5], bounds[4] + 1)
                against.append(f"line {first}" if first == last else f"lines {first}–{last}")
            else:
                lines += left
        else:
            lines += sides[region[0]][region[1] : region[2]]
    if against:
        raise Clash(f"{path}, {' and '.join(against)}")
    return b"".join(lines)


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
