from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kairos.control.protocol import (
    Request,
    Verb,
    read_answer,
    read_request,
    refusal_line,
    request_line,
    success_line,
)
from kairos.errors import DaemonError

PATHS = (
    st.binary(max_size=60)
    .filter(lambda raw: b"\0" not in raw)
    .map(lambda raw: "/" + raw.decode("utf-8", "surrogateescape"))
)
MOMENTS = st.none() | st.datetimes(timezones=st.just(UTC))


@given(st.sampled_from(Verb), PATHS, MOMENTS, st.booleans())
def test_a_request_is_read_back_as_written_even_with_any_path(
    verb: Verb, root: str, until: datetime | None, shut_gates_only: bool
) -> None:
    request = Request(verb, root, until, shut_gates_only)
    line = request_line(request)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert read_request(line) == request


@pytest.mark.parametrize(
    ("line", "word"),
    [
        (b"", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[" * 60_000, "not JSON"),
        (b"1" * 60_000, "not JSON"),
        (b"[]", "not a JSON object"),
        (b"{}", '"v" is not 1'),
        (b'{"v":2,"do":"status"}', '"v" is not 1'),
        (b'{"v":1}', '"do" is none of status, watch, dream'),
        (b'{"v":1,"do":["status"]}', '"do" is none of'),
        (b'{"v":1,"do":"touch"}', '"root" is missing'),
        (b'{"v":1,"do":"dream","root":"memory"}', "no absolute path"),
        (b'{"v":1,"do":"dream","root":"/a\\u0000b"}', "no absolute path"),
        (b'{"v":1,"do":"dream","root":"/\\ud800"}', "what no path can hold"),
        (b'{"v":1,"do":"dream","root":7}', "no absolute path"),
        (b'{"v":1,"do":"pause","until":"2026-11-24"}', "no moment"),
        (b'{"v":1,"do":"pause","until":"soon"}', "no moment"),
        (b'{"v":1,"do":"pause","until":12}', "no moment"),
        (b'{"v":1,"do":"pause","until":"9999-12-31T23:59:59-12:00"}', "no moment"),
        (b'{"v":1,"do":"pause","until":"0001-01-01T00:00:00+12:00"}', "no moment"),
        (b'{"v":1,"do":"status","gates":"open"}', '"gates" is neither'),
        (b'{"v":1,"do":"status","gates":["shut"]}', '"gates" is neither'),
        (b'{"v":1,"do":"status","extra":1}', "no key 'extra'"),
    ],
)
def test_the_fault_of_a_request_is_named(line: bytes, word: str) -> None:
    with pytest.raises(DaemonError) as caught:
        read_request(line)
    assert word in str(caught.value)
    assert "daemon-protocol.md" in caught.value.advice


@given(
    st.binary()
    | st.recursive(
        st.none() | st.integers() | st.text(),
        lambda s: st.lists(s) | st.dictionaries(st.text() | st.sampled_from(["v", "do", "root", "until"]), s),
    ).map(lambda v: json.dumps(v).encode())
)
def test_any_line_is_read_or_refused(line: bytes) -> None:
    for read in (read_request, read_answer):
        try:
            read(line)
        except DaemonError:
            continue


def test_answers_and_refusals_are_read() -> None:
    assert read_answer(success_line({"queued": ["/a"]})) == {"queued": ["/a"]}
    with pytest.raises(DaemonError) as caught:
        read_answer(refusal_line("It is no root.", "Add it."))
    assert (caught.value.what, caught.value.advice) == ("It is no root.", "Add it.")
