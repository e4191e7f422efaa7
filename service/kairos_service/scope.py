"""What of a root a dream would read: what the census counts and the watcher listens to."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

from kairos.config import Config
from kairos.config.globs import is_ignored
from kairos.layouts import Layout, by_name


@dataclass(frozen=True, slots=True)
class Scope:
    """The rules by which a dream reads a root. Paths are POSIX, relative to the root.

    Two that are equal are the same rules, though a configuration was read anew in between.
    """

    layout: Layout
    ignored: tuple[str, ...] = ()

    @classmethod
    def of(cls, layout: str, config: Config) -> Self:
        """Return the scope of a root with that layout; raises UsageError where there is no such layout."""
        return cls(by_name(layout), config.ignore)

    def has_note(self, path: str) -> bool:
        """Whether the file at `path` would be read."""
        return self.layout.role_of(path) is not None and not is_ignored(path, self.ignored)

    def has_notes_below(self, directory: str) -> bool:
        """Whether the files in `directory` could be read: it is neither ignored nor a machine's own."""
        is_ours = self.layout.role_of(f"{directory}/note.md") is not None
        return is_ours and not is_ignored(directory, self.ignored)

    def directories(self, root: str, directory: str) -> Iterator[str]:
        """Yield the directories right below `directory` that may hold notes; raises OSError."""
        with os.scandir(os.path.join(root, directory)) as entries:  # noqa: PTH118 - a string for each entry
            for entry in entries:
                path = below(directory, entry.name)
                if entry.is_dir(follow_symlinks=False) and self.has_notes_below(path):
                    yield path


def below(directory: str, name: str) -> str:
    """Return the path of `name` in `directory`, where "" is the root."""
    return f"{directory}/{name}" if directory else name
