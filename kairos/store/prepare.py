"""Turns file changes into an intent: compares them with the disk and keeps every version. Serves both stores."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from kairos.errors import ChangedError, UsageError
from kairos.model import FileChange
from kairos.store.digests import ABSENT, sha256
from kairos.store.records import FileRecord, Transaction
from kairos.store.tree import Found
from kairos.store.undo import Past, Restored


def compare(
    files: Sequence[FileChange], base: Mapping[str, str], read: Callable[[str], Found]
) -> Mapping[str, Found]:
    """Return what is on disk under every path that is changed or relied on, if it is what the plan counted on.

    Raises ChangedError naming every path that differs, and UsageError if one file is changed twice. A path that is
    only in `requires` has no expected content.
    """
    expected = {**base, **{file.path: sha256(file.before) for file in files}}
    if len({file.path for file in files}) != len(files):
        raise UsageError("A transaction names one file twice.")
    required = {path for file in files for path in file.requires}
    found = {path: read(path) for path in sorted(expected.keys() | required)}
    differing = tuple(path for path, digest in expected.items() if found[path].sha256 != digest)
    if differing:
        raise ChangedError(
            f"Changed since it was read: {', '.join(differing)}.",
            differing,
            "Nothing was written; dream again.",
        )
    return found


def record_of(file: FileChange, found: Found, keep: Callable[[bytes], str]) -> FileRecord:
    """The journal's record of a file change; every version of its bytes is handed to `keep`."""
    return FileRecord(
        path=file.path,
        before=_kept(file.before, keep),
        after=_kept(file.after, keep),
        interim=_interim(file, keep),
        mode=file.mode if found.mode is None else found.mode,
        mtime_ns=found.mtime_ns,
        index=file.index,
        requires=file.requires,
    )


def undo_changes(
    past: Past, restored: Restored, current: Mapping[str, bytes | None]
) -> tuple[FileChange, ...]:
    """The file changes that lead from the current bytes to the restored ones."""
    return tuple(
        FileChange(
            path=path,
            before=current[path],
            after=data,
            index=any(file.index for _, file in past.touching(path)),
        )
        for path, data in restored.contents.items()
        if data != current[path]
    )


def with_original_metadata(file: FileRecord, past: Past) -> FileRecord:
    """Give the record of an undo the mode, mtime and attributes that a restored file had before it was removed."""
    if file.before != ABSENT or file.after == ABSENT:
        return file
    for _, earlier in past.touching(file.path):
        if earlier.before == file.after:
            return replace(
                file, mode=earlier.mode, after_mtime_ns=earlier.mtime_ns, attributes=earlier.attributes
            )
    return file


def made_by(past: Past, targets: Sequence[int]) -> tuple[str, ...]:
    """The directories that the transactions `targets` made."""
    made: set[str] = set()
    chosen: list[Transaction] = [item for item in past.history if item.id in targets]
    for transaction in chosen:
        made.update(transaction.made)
    return tuple(sorted(made))


def _kept(data: bytes | None, keep: Callable[[bytes], str]) -> str:
    return ABSENT if data is None else keep(data)


def _interim(file: FileChange, keep: Callable[[bytes], str]) -> str | None:
    """What the first stage writes, None if nothing; a file that only grows is finished in that stage."""
    if file.before is None:
        return None
    if file.interim is not None:
        return keep(file.interim)
    if file.after is not None and not file.index and _only_grows(file.before, file.after):
        return keep(file.after)
    return None


def _only_grows(before: bytes, after: bytes) -> bool:
    """Whether something was added and all bytes of `before` are still there, in order."""
    rest = iter(after)
    return len(after) > len(before) and all(byte in rest for byte in before)
