from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kairos.control.status import (
    FOREVER,
    Check,
    ConfigStatus,
    DaemonStatus,
    DreamProgress,
    GateStatus,
    GcRecord,
    RootStatus,
    WatchStatus,
)

NOW = datetime(2026, 11, 26, 18, 0, tzinfo=UTC)
STATUS = DaemonStatus(
    version="0.1",
    pid=12,
    since=NOW,
    state="running",
    config=ConfigStatus("/c.yaml", "roots: expected a list"),
    paused_until=FOREVER,
    checks=(Check("sandbox", ok=False, value="off", advice="See docs."),),
    roots=(
        RootStatus(
            "/r/\udcff",
            watch=WatchStatus("polling", "network file system"),
            gates=(GateStatus("quiet", open=False, value="2 min; wants 10", until=NOW),),
            dream=DreamProgress("embed", 3, 9, NOW),
            tail=("a", "b"),
        ),
    ),
    queue=("/q",),
    gc=GcRecord(NOW, 3, 4_000),
)


def through_json(value: object) -> Any:
    return json.loads(json.dumps(value))


def test_a_status_is_read_back_as_written() -> None:
    assert DaemonStatus.from_value(through_json(STATUS.to_value())) == STATUS


def test_unknown_and_missing_keys_are_tolerated() -> None:
    value = through_json(STATUS.to_value())
    value["mood"] = "good"
    value["roots"][0]["mood"] = {"of": "day"}
    del value["queue"], value["roots"][0]["tail"]
    read = DaemonStatus.from_value(value)
    assert (read.queue, read.roots[0].tail, read.pid) == ((), (), 12)


@pytest.mark.parametrize(
    "change",
    [
        {"pid": "12"}, {"pid": None}, {"pid": True}, {"since": "2026-11-26"}, {"since": "now"},
        {"roots": {}}, {"roots": [1]}, {"roots": [{}]}, {"config": None}, {"queue": [1]}, {"paused_until": 3},
    ],
)  # fmt: skip
def test_invalid_values_are_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=next(iter(change))):
        DaemonStatus.from_value({**through_json(STATUS.to_value()), **change})


@given(
    st.recursive(
        st.none() | st.integers() | st.floats() | st.text(),
        lambda s: st.lists(s) | st.dictionaries(st.text(), s),
    )
)
def test_any_other_value_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="DaemonStatus"):
        DaemonStatus.from_value(value)
