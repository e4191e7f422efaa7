"""Which files of a root a dream would read: these are what the census counts and the watcher watches."""

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
    """The rules for which files of a root a dream reads. Paths are POSIX, relative to the root.

    Equal scopes are the same rules, even if the configuration was reloaded in between.
    """

    layout: Layout
    ignored: tuple[str, ...] = ()

    @classmethod
    def of(cls, layout: str, config: Config) -> Self:
        """Return the scope of a root with that layout; raises UsageError if there is no such layout."""
        return cls(by_name(layout), config.ignore)

    def has_note(self, path: str) -> bool:
        """Whether a dream would read the file at `path`."""
        return self.layout.role_of(path) is not None and not is_ignored(path, self.ignored)

    def has_notes_below(self, directory: str) -> bool:
        """Whether a dream could read files in `directory`: it is neither ignored nor for machine state."""
        is_ours = self.layout.role_of(f"{directory}/note.md") is not None
        return is_ours and not is_ignored(directory, self.ignored)

    def directories(self, root: str, directory: str) -> Iterator[str]:
        """Yield the immediate subdirectories of `directory` that may hold notes; raises OSError."""
        with os.scandir(os.path.join(root, directory)) as entries:  # noqa: PTH118 - strings, for speed
            for entry in entries:
                path = below(directory, entry.name)
                if entry.is_dir(follow_symlinks=False) and self.has_notes_below(path):
                    yield path


def below(directory: str, name: str) -> str:
    """Return the path of `name` in `directory`; the directory "" is the root."""
    return f"{directory}/{name}" if directory else name
