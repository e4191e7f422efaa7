"""Decides when a root that is being written to has become quiet. Pure; times are seconds of a monotonic clock."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WriteBurst:
    """The times of the first and the latest write to a root since it was last looked at."""

    first: float | None = None
    last: float | None = None

    def touched(self, at: float) -> WriteBurst:
        """Return the burst after another write."""
        if self.first is None or self.last is None:
            return WriteBurst(at, at)
        # Threads may report writes out of order.
        return WriteBurst(min(self.first, at), max(self.last, at))

    def settles_at(self, quiet_seconds: float, at_most_seconds: float) -> float | None:
        """When to look at the root if nothing more is written; None if nothing was.

        A root is looked at once it has been quiet for `quiet_seconds`, and under constant writing at least every
        `at_most_seconds`.
        """
        if self.first is None or self.last is None:
            return None
        return min(self.last + quiet_seconds, self.first + at_most_seconds)

    def is_settled(self, now: float, quiet_seconds: float, at_most_seconds: float) -> bool:
        """Whether something was written and it is time to look at the root."""
        due = self.settles_at(quiet_seconds, at_most_seconds)
        return due is not None and now >= due


NO_WRITES = WriteBurst()
