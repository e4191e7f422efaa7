"""When a root that is being written has become quiet. Pure; times are seconds of a monotonic clock."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Unrest:
    """The writes that a root saw since somebody last looked at it: the first of them, and the newest."""

    first: float | None = None
    last: float | None = None

    def touched(self, at: float) -> Unrest:
        """Return the unrest after one more write."""
        if self.first is None or self.last is None:
            return Unrest(at, at)
        # Threads may tell of their writes out of order.
        return Unrest(min(self.first, at), max(self.last, at))

    def settles_at(self, quiet_seconds: float, at_most_seconds: float) -> float | None:
        """When it is time to look at the root if nothing more happens; None where nothing happened.

        A root is looked at once it was quiet for `quiet_seconds`, and under constant writing at least every
        `at_most_seconds`.
        """
        if self.first is None or self.last is None:
            return None
        return min(self.last + quiet_seconds, self.first + at_most_seconds)

    def is_settled(self, now: float, quiet_seconds: float, at_most_seconds: float) -> bool:
        """Whether something happened and it is time to look at the root."""
        due = self.settles_at(quiet_seconds, at_most_seconds)
        return due is not None and now >= due


CALM = Unrest()
