"""Figures for Prometheus. Imported only if the configuration asks for them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from kairos.errors import UsageError
from kairos.report.escape import visible
from kairos.store.database import Database
from kairos.store.overview import open_overview, overview

try:
    from prometheus_client import CollectorRegistry, Counter, Histogram
    from prometheus_client.core import GaugeMetricFamily, Metric
except ModuleNotFoundError:
    raise UsageError(
        "daemon.metrics needs the package prometheus-client.", "Run `pip install 'kairos-dream[metrics]'`."
    ) from None

_SECONDS = (0.25, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600)


@dataclass(frozen=True, slots=True)
class RootFigures:
    """The figures of one root; None if not known yet."""

    root: str
    last_success: datetime | None = None
    open_conflicts: int = 0
    index_lines_used: float | None = None
    index_bytes_used: float | None = None


def figures_in(state_dir: Path, last_success: Mapping[str, datetime | None]) -> tuple[RootFigures, ...]:
    """Return the figures of the roots in `last_success`, as far as the state in `state_dir` has them."""
    with open_overview(state_dir) as state:
        return root_figures(state, last_success)


def root_figures(state: Database, last_success: Mapping[str, datetime | None]) -> tuple[RootFigures, ...]:
    """Return the figures of the roots in `last_success`, as far as the state has them."""
    known = {row.root: row for row in overview(state)}
    figures = []
    for root, moment in last_success.items():
        row = known.get(root)
        stats = row.last.stats if row and row.last else {}
        figures.append(
            RootFigures(
                root,
                moment,
                row.open_conflicts if row else 0,
                _share(stats.get("index_lines"), stats.get("budget_lines")),
                _share(stats.get("index_bytes"), stats.get("budget_bytes")),
            )
        )
    return tuple(figures)


class Metrics:
    """The counters and gauges. Updated from the daemon's event loop, read from the serving thread."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._dreams = Counter("kairos_dreams", "Dreams that ended.", ["outcome"], registry=self.registry)
        self._edits = Counter("kairos_edits", "Changes applied.", ["kind"], registry=self.registry)
        self._seconds = Histogram(
            "kairos_dream_seconds", "How long dreams took.", buckets=_SECONDS, registry=self.registry
        )
        self._queue = 0
        self._roots: tuple[RootFigures, ...] = ()
        self.registry.register(self)

    def dream_ended(self, outcome: str, seconds: float, edits: Mapping[str, int]) -> None:
        """Count one dream and its edits by kind."""
        self._dreams.labels(outcome).inc()
        self._seconds.observe(seconds)
        for kind, number in edits.items():
            self._edits.labels(kind).inc(number)

    def update(self, queue: int, roots: tuple[RootFigures, ...]) -> None:
        """Set the gauges: how many roots wait for their turn, and the figures of each root."""
        self._queue, self._roots = queue, roots

    def collect(self) -> Iterator[Metric]:
        """Yield the gauges; the registry calls this at each scrape."""
        yield GaugeMetricFamily("kairos_queue_length", "Roots that wait for their turn.", value=self._queue)
        success = GaugeMetricFamily(
            "kairos_last_success_timestamp_seconds", "When the last good dream ended.", labels=["root"]
        )
        conflicts = GaugeMetricFamily("kairos_open_conflicts", "Open contradictions.", labels=["root"])
        used = GaugeMetricFamily(
            "kairos_index_used_ratio", "The index against its budget.", labels=["root", "of"]
        )
        for figures in self._roots:
            root = visible(os.fsencode(figures.root).decode(errors="backslashreplace"))
            conflicts.add_metric([root], figures.open_conflicts)
            if figures.last_success is not None:
                success.add_metric([root], figures.last_success.timestamp())
            for of, share in (("lines", figures.index_lines_used), ("bytes", figures.index_bytes_used)):
                if share is not None:
                    used.add_metric([root, of], share)
        yield from (success, conflicts, used)


def _share(used: int | None, budget: int | None) -> float | None:
    return None if used is None or not budget else used / budget
