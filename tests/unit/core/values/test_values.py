import pytest

from kairos.core.dates.written_days import same_day
from kairos.core.values.identifiers import pointed_at
from kairos.core.values.missing import missing_days, missing_identifiers, missing_quantities
from kairos.core.values.values import Values, scopes_apart, scopes_in, values


@pytest.mark.parametrize(
    "text",
    [
        "due 2026-03-14",
        "due 14 March 2026",
        "due March 14th, 2026",
        "fällig am 14. März 2026",
        "fällig am 14.3.2026",
        "el 14 de marzo de 2026",
        "le 14 mars 2026",
        "2026年3月14日まで",
    ],
)
def test_a_day_is_read_in_many_spellings(text: str) -> None:
    assert values(text).days == {(2026, 3, 14)}


@pytest.mark.parametrize("text", ["tried 2026-03", "valid until 03/2026", "until March 2026"])
def test_a_month_is_read_in_many_spellings(text: str) -> None:
    assert values(text).days == {(2026, 3, 0)}


@pytest.mark.parametrize("text", ["12/2026-03", "v2026-03", "2026-13", "a 3/20265 ratio"])
def test_other_digits_are_no_month(text: str) -> None:
    assert not any(month for _, month, _ in values(text).days)


def test_a_year_before_a_colon_is_a_year() -> None:
    assert values("2024: appealed").days == {(2024, 0, 0)}


def test_omitted_parts_of_a_date_do_not_count() -> None:
    assert same_day((0, 3, 14), (2026, 3, 14))
    assert same_day((2026, 3, 0), (2026, 3, 14))
    assert not same_day((0, 3, 14), (2026, 3, 15))


@pytest.mark.parametrize(
    ("text", "identifier"),
    [
        ("see https://wiki.example/runbook.", "wiki.example/runbook"),
        ("logs are in /var/log/app", "var/log/app"),
        ("set MAX_RETRIES low", "max_retries"),
        ("call fetchOrders first", "fetchorders"),
        ("blocked by OPS-412", "ops-412"),
        ("the broker is 10.0.7.5:1883", "10.0.7.5:1883"),
        ("pass --dry-run", "--dry-run"),
        ("mail ops@firm.example", "ops@firm.example"),
        ("pinned to 5.1.4", "5.1.4"),
    ],
)
def test_identifiers_are_found_in_prose(text: str, identifier: str) -> None:
    assert identifier in values(text).identifiers


@pytest.mark.parametrize(
    ("text", "identifiers"),
    [
        ("构建用Node20，入口在main.py里", {"node20", "main.py"}),
        ("組み立てはscripts/pack.shです", {"scripts/pack.sh"}),
        ("검사는 test_kiln.py에서 한다", {"test_kiln.py"}),
        ("缓存(K1保留三天)/远端(K2)", {"k1", "k2"}),
        ("清单在/srv/窑/清单.yaml里", {"srv/窑/清单.yaml"}),
        ("清单在docs/安装_v2.md里", {"docs/安装_v2.md"}),
        ("见 https://example.org/wiki/窑", {"example.org/wiki/窑"}),
        ("前端/backend 各一人", set()),
        ("早班/中班/晚班 各两人", set()),
        ("用Node20和/或Docker", {"node20"}),
        ("名古屋-Osaka 线", set()),
        ("用--force推送", {"--force"}),
    ],
)
def test_identifiers_are_found_in_scripts_without_blanks(text: str, identifiers: set[str]) -> None:
    assert values(text).identifiers == identifiers


def test_code_is_an_identifier_whatever_it_looks_like() -> None:
    assert "plain" in values("use plain here", ("plain",)).identifiers


def test_an_identifier_in_another_spelling_is_not_missing() -> None:
    one, other = values("run fetch_orders()"), "fetch orders is run"
    assert missing_identifiers(one.identifiers, values(other), other) == ()


def missing(of: str, among: str) -> tuple[Values, Values]:
    return values(of), values(among)


def test_a_number_that_only_one_side_has_is_missing() -> None:
    assert [q.text for q in missing_quantities(*missing("port 8080", "port 9090"))] == ["8080"]


def test_the_article_one_is_missing_only_beside_another_number() -> None:
    assert missing_quantities(*missing("one of the tests is slow", "a test is slow")) == ()
    assert missing_quantities(*missing("needs one dip", "needs three dips"))


def test_another_day_is_missing() -> None:
    assert missing_days(*missing("until 2026-03-14", "until 15 March")) == ((2026, 3, 14),)
    assert missing_days(*missing("until 2026-03-14", "until 14 March")) == ()


@pytest.mark.parametrize(
    "text", ["never push", "don't push", "pusht nicht", "sin cambios", "не трогать", "不要推送", "触らない"]
)
def test_negation_is_counted_in_many_languages(text: str) -> None:
    assert values(text).negations == 1


@pytest.mark.parametrize(
    "text",
    ["the port is no longer 80", "switched to uv", "as of June: 14", "jetzt auf Python 3.12", "已改为周五"],
)
def test_words_of_change_are_counted(text: str) -> None:
    assert values(text).changes > 0


def test_scopes_are_told_apart_by_kind() -> None:
    text = "on staging, under Linux"
    assert values(text).scopes == scopes_in(text) == {("env", "staging"), ("os", "linux")}


def test_names_are_capitalised_words_inside_a_sentence() -> None:
    assert values("Please ask Imogen about it. Then wait.").names == {"imogen"}


def test_a_single_letter_is_not_found_in_the_text() -> None:
    assert missing_identifiers(frozenset({"s"}), values("wait 30 s"), "wait 30 s") == ("s",)
    assert missing_identifiers(frozenset({"sum"}), values("the sum"), "the sum") == ()


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("in the morning, at noon and in the evening", False),
        ("in the morning and at noon", True),
        ("see evening/noon/morning", True),  # another path
    ],
)
def test_a_list_with_slashes_is_named_by_its_words(text: str, *, missing: bool) -> None:
    listed = frozenset({"morning/noon/evening"})
    assert bool(missing_identifiers(listed, values(text), text)) is missing


def are_all_told(one: str, other: str, *codes: str) -> bool:
    """Whether neither text lacks a number, day or identifier of the other."""
    ours, theirs = values(one, codes), values(other)
    return not (
        missing_quantities(ours, theirs)
        or missing_quantities(theirs, ours)
        or missing_days(ours, theirs)
        or missing_days(theirs, ours)
        or missing_identifiers(ours.identifiers, theirs, other)
        or missing_identifiers(theirs.identifiers, ours, one)
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("the pump runs 06:00–06:20", "the pump runs for 20 minutes at six"),
        ("the pump runs for 20 minutes at six", "the pump runs 06:00–06:20"),
        ("open from midday till 2 pm", "open for two hours after noon"),
        ("under-16s pay nothing", "who hasn't turned 16 pays nothing"),
        ("U16 pay nothing", "those under 16 pay nothing"),
        ("SDK v5 is frozen", "version 5 of the SDK is frozen"),
        ("p95 is too high", "the 95th percentile is too high"),
        ("due in Q3", "due in the third quarter"),
        ("blocked by #317", "blocked by PR 317"),
        ("see W12", "see week twelve"),
        ("it fails at conftest.py:62", "it fails at line 62 of conftest.py"),
        ("dry until 28.9.", "dry until 28 September"),
        ("paid on the first of the month", "paid on the 1st"),
        ("jobs with a deadline go first, one by one", "jobs go by due dates"),
    ],
)
def test_a_value_told_in_another_way_is_not_missing(one: str, other: str) -> None:
    assert are_all_told(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("the pump runs 06:00–06:20", "the pump runs for 30 minutes at six"),
        ("the pump runs 06:00–06:20", "the pump runs for 20 minutes at seven"),
        (
            "the pump runs 06:00–06:20 and 07:00–07:20",
            "the pump runs for 20 minutes at six and at 07:00, till 07:40",
        ),
        ("under-16s pay nothing", "who hasn't turned 17 pays nothing"),
        ("U16 pay nothing", "those under 17 pay nothing"),
        ("SDK v5 is frozen", "version 6 of the SDK is frozen"),
        ("SDK v5 is frozen", "phase 5 of the SDK is frozen"),
        ("p95 is too high", "the 99th percentile is too high"),
        ("due in Q3", "due in the second quarter"),
        ("blocked by #317", "blocked by PR 318"),
        ("stored in S3", "stored on server 3"),
        ("it fails at conftest.py:62", "it fails at line 63 of conftest.py"),
        ("dry until 28.9.", "dry until 29 September"),
        ("dry until 28.9.", "dry until 28 October"),
        ("paid on the first of the month", "paid on the 2nd"),
        ("scade alle due", "scade alle sei"),
    ],
)
def test_another_value_told_in_another_way_is_missing(one: str, other: str) -> None:
    assert not are_all_told(one, other)


@pytest.mark.parametrize(
    ("whole", "parts"),
    [
        ("pool.shutdown()", ("shutdown()", "pool")),
        ("charts/geo/values.yaml", ("values.yaml", "charts/geo")),
        ("orders.shipped_at", ("orders", "shipped_at")),
    ],
)
def test_a_name_is_told_by_both_its_parts(whole: str, parts: tuple[str, str]) -> None:
    text = "it is this"
    one, other = values(text, (whole,)), values(text, parts)
    assert missing_identifiers(one.identifiers, other, text) == ()
    assert missing_identifiers(other.identifiers, one, text) == ()


@pytest.mark.parametrize(
    ("codes", "others"),
    [
        (("pool.shutdown()",), ("shutdown()",)),
        (("pool.shutdown()",), ("shutdown()", "pools")),
        (("src", "src/app"), ("src", "app")),  # into src, and beside it
    ],
)
def test_a_part_alone_is_another_name(codes: tuple[str, ...], others: tuple[str, ...]) -> None:
    text = "it is this"
    one, other = values(text, codes), values(text, others)
    assert missing_identifiers(one.identifiers, other, text)
    assert missing_identifiers(other.identifiers, one, text)


@pytest.mark.parametrize(
    ("path", "missing"),
    [
        ("/Volumes/Pool/P26/P26.lrcat", False),
        ("~/Pictures/P26.lrcat", False),
        ("P26.lrcat:40", False),
        ("/Volumes/Pool/P26/P27.lrcat", True),
        ("old/P26.lrcat", True),  # relative to what?
        ("/Volumes/Pool/P26.lrcat/P27", True),
    ],
)
def test_an_absolute_path_names_its_file(path: str, *, missing: bool) -> None:
    text = f"the catalogue is {path}"
    assert bool(missing_identifiers({"p26.lrcat"}, values(text), text)) is missing


def test_a_path_is_more_than_its_file() -> None:
    text = "the catalogue is P26.lrcat"
    assert missing_identifiers({"volumes/pool/p26.lrcat"}, values(text), text)


@pytest.mark.parametrize(
    "text",
    [
        "Paid on the 1st. The rest is in sales.md.",
        "See also sales.md",
        "Mehr steht in sales.md.",
        "Pay (see sales.md)",
    ],
)
def test_a_pointer_names_where_more_is_told(text: str) -> None:
    assert pointed_at(text) == {"sales.md"}


@pytest.mark.parametrize(
    "text",
    ["Prices are in sales.md", "See that sales.md is sorted by date.", "The rest goes to Imogen, sales.py"],
)
def test_another_sentence_is_no_pointer(text: str) -> None:
    assert pointed_at(text) == frozenset()


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        ("prod access needs two approvals", "production access needs two approvals", False),
        ("the app runs on a Mac", "the app runs on macOS", False),
        ("the dev cluster", "the development cluster", False),
        ("prod access", "staging access", True),
        ("the Mac app", "the Linux app", True),
    ],
)
def test_a_short_name_of_a_scope_is_the_same_scope(one: str, other: str, *, apart: bool) -> None:
    assert scopes_apart(values(one).scopes, values(other).scopes) is apart
