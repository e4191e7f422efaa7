"""The results of a run as tables and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from statistics import median
from typing import Any

from bench.speed.processes import Cost
from bench.speed.results import Case, Results, figures, growth
from bench.speed.stages import STAGES
from bench.tables import Table

_COSTS = ("wall s", "CPU s", "peak MB")


def tables(results: Results) -> Iterator[Table]:
    """Yield the tables of a run, the target figures first."""
    yield _targets(results)
    yield _dreams(results)
    yield _stages(results)
    if results.peers:
        yield _peers(results)
    yield _growth(results)
    yield _paired(results)


def values(results: Results) -> dict[str, Any]:
    """Return all results as JSON values."""
    found = asdict(results)
    for cost in _costs(found):
        cost.pop("output", None)
    targets = [asdict(figure) | {"verdict": figure.verdict} for figure in figures(results)]
    ratio = {"encoder_ratio": results.throughput.ratio} if results.throughput else {}
    return found | {"growth": [asdict(g) for g in growth(results)], "figures": targets} | ratio


def _costs(value: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401 - what JSON can hold
    """Yield every `Cost`, as a dictionary, nested in a value."""
    if isinstance(value, dict):
        if "peak_mb" in value:
            yield value
        value = list(value.values())
    if isinstance(value, list | tuple):
        for item in value:
            yield from _costs(item)


def _targets(results: Results) -> Table:
    rows = [
        (
            figure.name,
            f"{'≤' if figure.at_most else '≥'} {_number(figure.required)} {figure.unit}".strip(),
            f"{_number(figure.goal)} {figure.unit}".strip(),
            "–" if figure.measured is None else f"{_number(figure.measured)} {figure.unit}".strip(),
            figure.verdict,
        )
        for figure in figures(results)
    ]
    return Table(
        "What is asked for, as ratios within this run",
        ("figure", "required", "goal", "measured", ""),
        tuple(rows),
    )


def _dreams(results: Results) -> Table:
    rows = [(f"{d.entries:,} {d.group}, {d.case}", *_cost(d.cost)) for d in results.dreams]
    if results.compiling is not None:
        without, with_models = results.compiling
        rows.insert(0, ("first dream on a machine, 20 entries", *_cost(without)))
        rows.insert(1, ("the same with the models compiled", *_cost(with_models)))
    return Table("Dreams, whole processes", ("entries, case", *_COSTS), tuple(rows))


def _stages(results: Results) -> Table:
    told = {stage for dream in results.dreams for stage in dream.cost.stages}
    columns = [stage for stage in STAGES if stage in told] + sorted(told.difference(STAGES))
    rows = [
        (f"{d.entries:,} {d.group}, {d.case}", *(_seconds(d.cost.stages.get(stage)) for stage in columns))
        for d in results.dreams
    ]
    return Table("Seconds by stage", ("entries, case", *columns), tuple(rows))


def _peers(results: Results) -> Table:
    rows: list[tuple[str, ...]] = []
    for peer in results.peers:
        cold = results.dream(peer.entries, Case.COLD)
        ratio = f"{peer.cost.wall / cold.cost.wall:.2f}" if cold else "–"
        rows.append((f"{peer.entries:,}, {peer.name}", *_cost(peer.cost), ratio))
    columns = ("texts, program", *_COSTS, "times a cold dream")
    return Table("Other programs on the same texts, whole processes", columns, tuple(rows))


def _growth(results: Results) -> Table:
    rows = [(f"{g.case}, {g.small:,} to {g.large:,}", f"{g.exponent:.2f}") for g in growth(results)]
    return Table("Growth: time as this power of the entries", ("case", "exponent"), tuple(rows))


def _paired(results: Results) -> Table:
    rows: list[tuple[str, ...]] = [
        (t.name, t.by, f"{1000 * median(t.ours):.0f}", f"{1000 * median(t.theirs):.0f}", f"{t.ratio:.2f}")
        for t in results.paired
    ]
    found = results.throughput
    if found is not None:
        rates = (f"{median(rates):.0f}/s" for rates in (found.kairos, found.reference))
        rows.append(("encoder", "sentence-transformers fp32", *rates, f"{found.ratio:.2f}"))
    columns = ("what", "beside", "ms", "ms, beside", "ratio")
    return Table("In turns: medians", columns, tuple(rows))


def _cost(cost: Cost) -> tuple[str, str, str]:
    return f"{cost.wall:.2f}", f"{cost.cpu:.2f}", f"{cost.peak_mb:.0f}"


def _seconds(seconds: float | None) -> str:
    return "" if seconds is None else f"{seconds:.2f}"


def _number(value: float) -> str:
    """Format a number: three significant digits below 100, no decimals from 100 on."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
