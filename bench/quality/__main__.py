"""`python -m bench.quality GOLD.jsonl…`: measure the judgement and the baselines."""

from __future__ import annotations

import json
import sys
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from bench.quality.ceiling import Ceiling, ceilings
from bench.quality.gold import read_gold
from bench.quality.measure import Measures, Tuning, measure
from bench.quality.ours import open_model, open_vectors
from bench.quality.score import Rates
from bench.quality.tables import ceiling_table, tables
from bench.tables import markdown, show
from kairos.errors import KairosError, ModelError
from kairos.ml.judges import JudgeModel
from kairos.ml.onnx_judge import PACKAGED

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command()
@click.argument("files", metavar="GOLD.jsonl…", type=_FILE, nargs=-1)
@click.option(
    "--dirs", type=_FOLDER, help="Also report what the judge can see of directories with truth files."
)
@click.option("--json", "form", flag_value="json", help="Print JSON.")
@click.option("--markdown", "form", flag_value="markdown", help="Print tables for the documentation.")
@click.option("--folds", default=5, type=click.IntRange(0), show_default=True, help="0: no cross-validation.")
@click.option("--seed", default=7, show_default=True, help="Deals pairs into folds.")
@click.option(
    "--judge-model",
    default=PACKAGED,
    type=click.Path(path_type=Path),
    help="Use another than the packaged model.",
)
def main(
    *,
    files: tuple[Path, ...],
    dirs: Path | None,
    form: str | None,
    folds: int,
    seed: int,
    judge_model: Path,
) -> None:
    """Measure the judgement on files of gold pairs, and the baselines along with it."""
    if not files and dirs is None:
        raise click.UsageError("Name a file of gold pairs, or --dirs.")
    if folds == 1:
        raise click.BadParameter("one fold leaves nothing to choose on", param_hint="--folds")
    try:
        golds = [read_gold(file) for file in files]
        vectors = open_vectors()
        model = _model(judge_model)
        found = [measure(gold, vectors, model, Tuning(folds, seed), _say) for gold in golds]
        reached = ceilings(dirs, vectors, model) if dirs else []
    except KairosError as error:
        raise click.ClickException(str(error)) from None
    _print(found, reached, form)


def _model(directory: Path) -> JudgeModel | None:
    """Open the judge model. Without one, say so and measure the rest."""
    try:
        return open_model(directory)
    except ModelError as error:
        _say(f"The judge model is left out: {error}")
        return None


def _say(step: str) -> None:
    click.echo(step, err=True)


def _print(found: list[Measures], reached: list[Ceiling], form: str | None) -> None:
    if form == "json":
        click.echo(json.dumps({"files": plain(found), "directories": plain(reached)}, indent=1))
        return
    console = Console(width=None if sys.stdout.isatty() else 160)
    everything = [table for measures in found for table in tables(measures)]
    for table in [*everything, *([ceiling_table(reached)] if reached else [])]:
        if form == "markdown":
            click.echo(markdown(table))
        else:
            show(table, console)
    for notice in dict.fromkeys(notice for measures in found for notice in measures.notices):
        click.echo(notice, err=True)


def plain(value: Any) -> Any:  # noqa: ANN401 - whatever was measured
    """Convert measures to JSON values: rates along with their shares, gold pairs as their number only."""
    if isinstance(value, Rates):
        shares = {"precision": value.precision, "recall": value.recall, "f1": value.f1}
        return {"right": value.right, "called": value.called, "wanted": value.wanted, **shares}
    if is_dataclass(value):
        return {f.name: _member(f.name, getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list | tuple) else value


def _member(name: str, value: Any) -> Any:  # noqa: ANN401 - whatever was measured
    """Omit the texts of gold pairs: figures may be published, notes may not."""
    is_pairs = name == "pairs" and isinstance(value, tuple)
    return len(value) if is_pairs else plain(value)


if __name__ == "__main__":
    main()
