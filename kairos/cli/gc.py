"""`kairos gc`."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from kairos.cli.access import local_now, open_state, read_config, shown_path, state_directory
from kairos.cli.numbers import shown_number
from kairos.cli.options import config_option, json_option
from kairos.cli.terminal import print_json
from kairos.core.text.counts import count

if TYPE_CHECKING:
    from kairos.store.retention import Collection

_SHOWN = 20


@click.command()
@click.option("--dry-run", is_flag=True, help="Only list what would be deleted.")
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@json_option
@config_option
def gc(*, dry_run: bool, yes: bool, as_json: bool, config_file: Path | None) -> None:
    """Delete originals that have been kept long enough.

    Lists first what would be deleted, and which dreams could then no longer be undone. Also deletes old dreams that
    changed nothing, cache files of directories that no longer exist, and compiled models and cached results of models
    unused for 30 days. How long originals are kept is set in the configuration: `journal.keep_days` and
    `journal.max_bytes`. Without a terminal, it only lists, unless --yes is given.
    """
    from kairos.config import cache_dir, home_dir
    from kairos.config.model_cache import unused_models
    from kairos.config.root_cache import strays
    from kairos.ml.cache_expiry import count_unused, forget_unused
    from kairos.store.objects import Objects
    from kairos.store.queries import dreams_by_transaction
    from kairos.store.retention import Retention, collect, find_discardable

    config = read_config(config_file)
    retention = Retention(config.journal.keep_days, config.journal.max_bytes)
    objects = Objects(state_directory(config) / "objects")
    now = local_now()
    with open_state(config) as state:
        found = find_discardable(state, objects, retention, now)
        dreams = dreams_by_transaction(state)
        configured = config.roots_expanded(home_dir(os.environ))
        known = (*state.roots(), *(str(root.path) for root in configured))
        cache = cache_dir(config, os.environ)
        unused = _Unused(strays(cache, known), unused_models(cache, now), count_unused(cache, now))
        if not as_json:
            _print_unused(unused)
            _print(found, dreams, is_all=not any(unused))
        is_due = bool(found.files or found.transactions or found.idle or any(unused))
        done = is_due and not dry_run and (yes or _is_confirmed(as_json=as_json))
        if done:
            found = collect(state, objects, retention, now)
            for file in unused.files:
                file.unlink(missing_ok=True)
            for folder in unused.models:
                shutil.rmtree(folder, ignore_errors=True)
            forget_unused(cache, now)
    if as_json:
        print_json({**_value(found, done=done), **_value_of_unused(unused)})
    elif done:
        click.echo("Done.")


class _Unused(NamedTuple):
    """What nobody needs any more in the cache: files of directories, compiled models, and a number of results."""

    files: Sequence[Path]
    models: Sequence[Path]
    results: int


def _is_confirmed(*, as_json: bool) -> bool:
    if as_json or not sys.stdin.isatty():
        return False
    return click.confirm("Delete them?")


def _print_unused(unused: _Unused) -> None:
    from kairos.config.model_cache import UNUSED_DAYS, size_of

    if unused.files:
        files = count(len(unused.files), "file")
        click.echo(f"  {files} in the cache, of directories that no longer exist or are unknown")
    if unused.models:
        models, size = count(len(unused.models), "compiled model"), _bytes(size_of(unused.models))
        click.echo(f"  {models} unused for {UNUSED_DAYS} days, {size}")
    if unused.results:
        click.echo(f"  {count(unused.results, 'cached result')} of models unused for {UNUSED_DAYS} days")


def _print(found: Collection, dreams: Mapping[int, int], *, is_all: bool) -> None:
    """Write which originals and dreams are deleted; `is_all`: nothing else is."""
    if found.idle:
        click.echo(f"  {count(found.idle, 'old dream')} that changed nothing")
    if not found.files and not found.transactions:
        nothing = "Nothing" if is_all and not found.idle else "No original"
        click.echo(f"{nothing} to delete; the originals take {_bytes(found.remaining)}.")
        return
    for item in found.transactions[:_SHOWN]:
        number, root = shown_number(item.id, dreams), shown_path(item.root)
        click.echo(f"  {number}  {item.at:%Y-%m-%d}  {root}  {item.kind}: could no longer be undone")
    if len(found.transactions) > _SHOWN:
        click.echo(f"  and {len(found.transactions) - _SHOWN:,} more")
    if found.strays:
        click.echo(f"  {count(found.strays, 'file')} that a crash left behind")
    click.echo(
        f"{count(len(found.files), 'original')} to delete, {_bytes(found.size)}; {_bytes(found.remaining)} would stay."
    )


def _bytes(size: int) -> str:
    return f"{size:,} bytes" if size < 10_000 else f"{size / 1_000:,.0f} kB"


def _value(found: Collection, *, done: bool) -> dict[str, object]:
    return {
        "done": done,
        "transactions": [
            {"transaction": item.id, "root": item.root, "kind": item.kind.value, "at": item.at.isoformat()}
            for item in found.transactions
        ],
        "files": len(found.files),
        "strays": found.strays,
        "bytes": found.size,
        "remaining_bytes": found.remaining,
        "idle_dreams": found.idle,
    }


def _value_of_unused(unused: _Unused) -> dict[str, object]:
    return {"cache_files": len(unused.files), "models": len(unused.models), "results": unused.results}
