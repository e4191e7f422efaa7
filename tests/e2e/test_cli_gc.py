"""`kairos gc` on real directories."""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from kairos.config.root_cache import INDEXES, RESTS, root_file
from kairos.ml.cache_expiry import mark_used
from kairos.store.transaction import Store
from tests.e2e.place import NOW, Place


def test_gc_announces_what_it_deletes_and_undo_reports_that_it_is_gone(place: Place) -> None:
    for words in (["gc", "--dry-run"], ["gc"]):  # no terminal: nothing is deleted without --yes
        code, out = place.ask(*words)
        assert code == 0
        assert "t1" in out
        assert "could no longer be undone" in out
        assert "Done" not in out
    assert place.ask("export", "t1")[0] == 0
    code, out = place.ask("gc", "--yes")
    assert (code, out.endswith("Done.\n")) == (0, True)
    for words in (["undo", str(place.root), "t1"], ["export", "t1"]):
        code, out = place.ask(*words)
        assert code == 1
        assert "deleted" in out
    assert place.check()[1]["ok"]
    assert place.ask("undo", str(place.root), "t2")[0] == 0
    assert not (place.root / "new note.md").exists()
    assert "Nothing to delete" in place.ask("gc", "--yes")[1]


def test_gc_as_json_keeps_what_the_configuration_says(place: Place, home: Path) -> None:
    config = home / "other.yaml"
    config.write_text("journal: {keep_days: 500}\n", encoding="utf-8")
    value = json.loads(place.ask("gc", "--yes", "--json", "--config", str(config))[1])
    assert (value["done"], value["transactions"], value["files"]) == (False, [], 0)
    value = json.loads(place.ask("gc", "--yes", "--json")[1])
    assert value["done"]
    assert [item["transaction"] for item in value["transactions"]] == [1]


def test_gc_deletes_unused_models_and_old_dreams_that_changed_nothing(place: Place, home: Path) -> None:
    place.ask("gc", "--yes")
    cache = home / "cache"
    old, used = cache / "models" / "a", cache / "models" / "b"
    for folder in (old, used):
        folder.mkdir(parents=True)
        (folder / "network").write_bytes(b"x" * 20_000)
    long_ago = (NOW - timedelta(days=400)).timestamp()
    os.utime(old, (long_ago, long_ago))
    with closing(sqlite3.connect(cache / "vectors.db")) as database:
        database.execute("CREATE TABLE vectors (model BLOB, text BLOB, vector BLOB)")
        database.executemany(
            "INSERT INTO vectors VALUES (?, ?, '')", [(b"a", b"1"), (b"a", b"2"), (b"b", b"1")]
        )
        mark_used(database, "vectors", b"a", (NOW - timedelta(days=400)).date())
        mark_used(database, "vectors", b"b", NOW.date())
    config = home / "cache.yaml"
    config.write_text(f"cache_dir: {cache}\n", encoding="utf-8")
    with Store(place.state_dir) as store:
        for days in (500, 400, 390, 1):
            at = NOW - timedelta(days=days)
            store.state.record_dream(place.root, at=at, today=at.date(), outcome="nothing")
    code, out = place.ask("gc", "--dry-run", "--config", str(config))
    assert code == 0
    assert "1 compiled model unused for 30 days, 20 kB" in out
    assert "2 cached results of models unused for 30 days" in out
    assert "2 old dreams that changed nothing" in out
    assert old.exists()
    value = json.loads(place.ask("gc", "--yes", "--json", "--config", str(config))[1])
    assert (value["done"], value["models"], value["results"], value["idle_dreams"]) == (True, 1, 2, 2)
    assert json.loads(place.ask("gc", "--json", "--config", str(config))[1])["results"] == 0
    assert (old.exists(), used.exists()) == (False, True)
    assert len(json.loads(place.ask("log", str(place.root), "--json")[1])) == 4  # two of them are not dreams


def test_gc_deletes_the_cache_of_directories_that_are_gone(place: Place, home: Path) -> None:
    place.ask("gc", "--yes")
    cache = home / ".cache/kairos"
    ours = {
        root_file(cache, INDEXES, str(place.root), "kept"),
        root_file(cache, RESTS, str(place.root), "json"),
    }
    for file in ours:  # as dreams leave them
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"what its notes say")
    other = cache / "indexes" / f"{'0' * 16}.kept"
    other.write_bytes(b"what a note said")
    code, out = place.ask("gc", "--dry-run")
    assert (code, "1 file in the cache" in out, other.exists()) == (0, True, True)
    value = json.loads(place.ask("gc", "--yes", "--json")[1])
    assert (value["done"], value["cache_files"], other.exists()) == (True, 1, False)
    assert all(file.exists() for file in ours)
    place.root.rename(place.root.with_name("moved"))
    value = json.loads(place.ask("gc", "--yes", "--json")[1])
    assert (value["done"], value["cache_files"]) == (True, len(ours))
    assert not any(file.exists() for file in ours)
