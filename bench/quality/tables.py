"""Turns measures into tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from bench.quality.calibration import Calibration
from bench.quality.ceiling import Ceiling, Reach
from bench.quality.folds import NEVER, PRECISE, CrossValidation
from bench.quality.gold import Group
from bench.quality.measure import Measures, Slice
from bench.quality.score import Figures, Rates
from bench.tables import Table
from kairos.core.judgement.judge import Thresholds

_MAIN: tuple[tuple[str, Callable[[Figures], float | None]], ...] = (
    ("unattended P", lambda f: f.unattended.precision),
    ("R", lambda f: f.unattended.recall),
    ("merge/ask P", lambda f: f.merge_or_ask.precision),
    ("R", lambda f: f.merge_or_ask.recall),
    ("conflict P", lambda f: f.conflict.precision),
    ("R", lambda f: f.conflict.recall),
    ("F1", lambda f: f.conflict.f1),
    ("left alone", lambda f: f.left_alone),
    ("newer", lambda f: f.newer.precision),
)
_MAIN_NAMES = tuple(name for name, _ in _MAIN)


def tables(measures: Measures) -> Iterator[Table]:
    """Yield the tables of one gold file; the detailed ones only for the foremost system."""
    name = measures.gold.name
    count = len(measures.gold.pairs)
    aside = "".join(f"; {number} {label} set aside" for label, number in measures.gold.aside.items())
    yield Table(
        f"{name}: {count} pairs{aside}; thresholds as they come",
        ("system", *_MAIN_NAMES),
        tuple((system, *_main(figures)) for system, figures in measures.systems.items()),
    )
    yield _cosines(measures)
    system = measures.foremost
    yield _relations(f"{name}: relations, {system}", measures.systems[system])
    yield from _calibrations(f"{name}: {system}", measures.calibration[system])
    for dimension, parts in measures.slices[system].items():
        yield _slices(f"{name}: by {dimension}, {system}", dimension, parts)
    for system, trial in measures.folds.items():
        yield _folds(f"{name}: cross-validated thresholds, {system}", trial)


def _main(figures: Figures) -> tuple[str, ...]:
    return tuple(rate(value(figures)) for _, value in _MAIN)


def rate(value: float | None) -> str:
    """Return a share as text; a dash for None."""
    return "–" if value is None else f"{value:.3f}"


def _cosines(measures: Measures) -> Table:
    rows = [
        (
            "all" if at < 0 else f"≥ {at:.2f}",
            *map(rate, (merged.unattended.precision, merged.unattended.recall)),
            *map(rate, (merged.merge_or_ask.precision, merged.merge_or_ask.recall)),
            *map(rate, (flagged.conflict.precision, flagged.conflict.recall, flagged.conflict.f1)),
            rate(merged.left_alone),
        )
        for (at, merged), flagged in zip(measures.merged.items(), measures.flagged.values(), strict=True)
    ]
    columns = ("cosine", *(f"merged: {name}" for name in ("P", "R", "any P", "any R")))
    columns += (*(f"flagged: {name}" for name in ("P", "R", "F1")), "left alone")
    return Table(f"{measures.gold.name}: cosine alone, all above merged or flagged", columns, tuple(rows))


def _relations(title: str, figures: Figures) -> Table:
    named = {
        "same": figures.same,
        "contains": figures.contains,
        "same or contains": figures.merge_or_ask,
        "conflict": figures.conflict,
        "distinct": figures.distinct,
    }
    rows = [
        (name, *map(str, (r.wanted, r.called, r.right)), *map(rate, (r.precision, r.recall, r.f1)))
        for name, r in named.items()
    ]
    return Table(title, ("relation", "gold", "called", "right", "P", "R", "F1"), tuple(rows))


def _calibrations(title: str, found: Mapping[Group, Calibration]) -> Iterator[Table]:
    for group, calibration in found.items():
        sums = (
            f"Brier {calibration.brier:.3f} (base rate {calibration.base_brier:.3f}), "
            f"mean error {calibration.error:.3f}"
        )
        rows = [
            (f"{b.low:.1f}–{b.high:.1f}", str(b.pairs), rate(b.chance), rate(b.share))
            for b in calibration.bins
        ]
        columns = ("chance", "pairs", "mean chance", "were so")
        yield Table(f"{title}: chance of {group}; {sums}", columns, tuple(rows))


def _slices(title: str, dimension: str, parts: Mapping[str, Slice]) -> Table:
    rows = [
        (
            name,
            str(part.figures.pairs),
            rate(part.right / part.figures.pairs),
            _share(part.figures.unattended),
            *(_share(r, of_wanted=True) for r in _groups(part.figures)),
            str(len(part.figures.wrong_merges)),
            rate(part.brier),
        )
        for name, part in parts.items()
    ]
    columns = (dimension, "pairs", "group right", "unattended right", "merges found", "conflicts found")
    return Table(title, (*columns, "left alone", "wrong merges", "Brier"), tuple(rows))


def _groups(figures: Figures) -> tuple[Rates, ...]:
    return figures.merge_or_ask, figures.conflict, figures.distinct


def _share(rates: Rates, *, of_wanted: bool = False) -> str:
    whole = rates.wanted if of_wanted else rates.called
    return f"{rates.right}/{whole}" if whole else "–"


def _folds(title: str, trial: CrossValidation) -> Table:
    named = [(f"fold {n}", fold.thresholds, fold.figures) for n, fold in enumerate(trial.folds, start=1)]
    rows = [(name, *_steps(steps), *_main(figures)) for name, steps, figures in named]
    blank = ("", "", "")
    rows.append(("mean of folds", *blank, *_means([figures for _, _, figures in named])))
    rows.append(("all held-out pairs", *blank, *_main(trial.pooled)))
    rows.append(("chosen on all pairs", *_steps(trial.chosen), *("" for _ in _MAIN)))
    note = f"merges at precision ≥ {PRECISE} on the training folds, else best F1"
    columns = ("held out", "merge", "ask", "flag", *_MAIN_NAMES)
    return Table(f"{title} ({note})", columns, tuple(rows))


def _steps(thresholds: Thresholds) -> tuple[str, ...]:
    steps = (thresholds.merge, thresholds.ask, thresholds.flag)
    return tuple("never" if step >= NEVER else f"{step:.2f}" for step in steps)


def _means(found: Sequence[Figures]) -> Iterator[str]:
    for _, value in _MAIN:
        known = [number for figures in found if (number := value(figures)) is not None]
        yield rate(sum(known) / len(known) if known else None)


def ceiling_table(found: Sequence[Ceiling]) -> Table:
    """Return a table of how many planted pairs are among the candidates, and how many were judged correctly."""

    def row(name: str, entries: int, candidates: int, *reaches: Reach) -> tuple[str, ...]:
        cells = (f"{part}/{reach.planted}" for reach in reaches for part in (reach.seen, reach.called))
        shares = (rate(reach.seen / reach.planted if reach.planted else None) for reach in reaches)
        return (name, str(entries), str(candidates), *cells, *shares)

    rows = [row(c.name, c.entries, c.candidates, c.duplicates, c.conflicts) for c in found]
    sums = (sum((getattr(c, of) for c in found), start=Reach()) for of in ("duplicates", "conflicts"))
    rows.append(row("all", sum(c.entries for c in found), sum(c.candidates for c in found), *sums))
    columns = ("directory", "entries", "candidates", "duplicates seen", "called", "conflicts seen", "called")
    title = "Directories: planted pairs among the candidates, and judged to be what they are"
    return Table(title, (*columns, "ceiling: duplicates", "conflicts"), tuple(rows))
