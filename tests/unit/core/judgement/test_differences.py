"""What really tells two texts apart forbids a merge; mere wording does not."""

import pytest

from kairos.core.judgement.differences import forbids_merge
from kairos.core.judgement.signals import signals
from kairos.core.markdown.claims import statement_of_text


def is_forbidden(a: str, b: str) -> bool:
    return forbids_merge(signals(statement_of_text(a), statement_of_text(b), lambda *_: 0.97))


SAME_KIND = [
    ("A trailer runs a minute and a half at most.", "Trailers last ninety seconds at the most."),
    (
        "Each morning Pia sends the figures by half past nine.",
        "Pia: figures every morning, 9:30 at the latest.",
    ),
    (
        "At half past two each night the crawler starts.",
        "The crawler starts every night at 2:30 in the morning.",
    ),
    ("A tag is cut every second Thursday.", "Every other Thursday a tag is cut."),
    (
        "The pairing gives up after 12 s and asks the hub.",
        "Not paired within twelve seconds? The hub is asked.",
    ),
    ("Never fire the porcelain above 1260 °C.", "Porcelain is fired at 1260 °C at most."),
    ("Never clean the nozzle more than once a week.", "The nozzle is cleaned at most once a week."),
    ("Never publish until Ruth says so.", "What I wrote stays unpublished if Ruth does not ask for it."),
    ("Nie über 60 °C waschen.", "Gewaschen wird bei maximal 60 °C."),
]
ANOTHER_OF_ITS_KIND = [
    ("Half the trailers have subtitles.", "Subtitles are in most trailers."),
    ("Pia sends the figures in the morning.", "The figures are sent by Pia in the evening."),
    ("A tag is cut every second Thursday.", "Every Thursday a tag is cut."),
    ("All tickets are closed after a month.", "After a month all stale tickets are closed."),
    ("Claims are handed in within 12 days.", "The claims have to be handed in after 12 days."),
    ("Claims are not paid within 12 days.", "After 12 days claims are not paid."),
    ("Never fire the porcelain above 1260 °C.", "Porcelain is never fired below 1260 °C."),
    ("Nie über 60 °C waschen.", "Nie unter 60 °C waschen."),
    ("The nozzle is cleaned at least once a week.", "Once a week at the most the nozzle is cleaned."),
    ("The alarm is at six in the morning.", "At six in the evening there is the alarm."),
]
SAME_BOUNDS_AND_ORDER = [
    ("The pool is open 6:00 until 8:30.", "Open at the pool: from 6:00 to 8:30."),
    ("Das Bad öffnet ab 6:00 bis 8:30.", "Geöffnet ist das Bad 6:00 bis 8:30."),
    (
        "Fuzzing: nightly run at 03:00 UTC, only for core.",
        "Fuzzing runs each night at 03:00 UTC, on core only.",
    ),
    ("The A4 is fastest to Metz.", "Fastest to Metz: A4"),
    ("Metrics are pulled from the agents.", "Agents wait until their metrics are pulled."),
]
ANOTHER_BOUND_OR_ORDER = [
    ("The gate code is valid until 6 pm.", "The gate code is valid from 18:00."),
    ("Das Lager ist bis acht geöffnet.", "Das Lager ist ab acht geöffnet."),
    ("The freeze lasts until the release.", "The freeze holds from the release on."),
    ("Fuzzing runs for core only.", "Fuzzing runs for all of core."),
    ("Ute is Bob's manager.", "Bob: Ute's manager"),
    ("The A4 is faster than the A31.", "The A31: faster than the A4"),
    ("Two pills a day, one spray a week.", "Two pills a week, one spray a day."),
    ("La lettre part de Metz.", "La lettre part à Metz."),
]
NO_OPPOSITES = [
    (
        "The barn has no cavity, only open materials go on its walls, never gypsum or foam.",
        "No gypsum and no foam on the walls of the barn: without a cavity, only what lets vapour through.",
    ),
    (
        "No estimate by telephone: a price only after she has held the lute.",
        "She does not give prices on the phone; the lute has to lie on her bench first.",
    ),
    (
        "Passes open without network: the code stays in the DB for 72 hours after purchase.",
        "Offline: with no network, the database keeps each code for three days from purchase.",
    ),
]
OPPOSITES = [
    ("Telemetry is off and opt-in.", "By default the telemetry is on; one can opt out."),
    (
        "Kept with their readings, stations come oldest first.",
        "Dropped without readings, stations start from the newest.",
    ),
    ("The public list is light.", "A private list, and a dark one."),
    ("Fans want milk with sugar, and more of it.", "Milk without sugar is what fans want, and less of it."),
]
REPEATED_ELSEWHERE = [
    (
        "Dogs that don't get on with others come in by the side door in the yard.",
        "Dogs that can't stand other dogs: side door, by the yard.",
    ),
    ("Line length is 120 and enforced by swift-format.", "Formatting: swift-format, line length 120."),
]
REPEATED_INSTEAD = [
    ("Pumps get blue labels and valves red ones.", "Pumps get red labels, and pumps blue ones."),
    ("Les offres se gardent dix ans, les devis un an.", "Les devis se gardent dix ans, les offres dix ans."),
]

NO_OTHER_WORD = [
    (
        "Borg backs up the lab each night at 02:15 UTC to the bucket lab-ams.",
        "Borg nightly for the lab: 02:15 UTC, target is the bucket lab-ams.",
    ),
    (
        "Never run sudo make install on any of the kiosks; the tools come through brew or a venv with site packages.",
        "sudo make install is forbidden on every kiosk; the tools are taken from brew or a venv with site packages.",
    ),
    (
        "Colour tokens live in web/tokens and are generated from Penpot by Vinyl.",
        "The colour tokens in web/tokens are generated out of Penpot with Vinyl.",
    ),
    (
        "Branches carry the ticket first, for example eng-412.",
        "Branches carry the ticket first, like eng-412.",
    ),
    (
        "Nadia is allergic to latex, she gives no injections with it.",
        "Nadia has a latex allergy and must not inject it.",
    ),
    ("CSS without floats", "No floats in CSS"),
    ("Kater Emil frisst Fisch, zum Beispiel Lachs.", "Kater Emil frisst Fisch, wie etwa Lachs."),
    ("The pump has a weakness for dust.", "The pump is weak with dust."),
]
ANOTHER_WORD = [
    ("The hall lamp is purple.", "The hall lamp is cyan."),
    ("On Mondays lunch is at Jo's.", "On Mondays dinner is at Jo's."),
    ("The cache target is the bucket of Ana.", "The cache source is the bucket of Ana."),
    ("The cache target is Ana.", "The cache comes from Ana."),
    ("Le chat de Léa dort au grenier.", "Le chat de Léa dort au salon."),
    ("Tomás visita a su abuela.", "Tomás visita a su prima."),
    ("We keep the opera subscription.", "We dropped the opera subscription."),
    ("Nobody merges after four on Fridays.", "Anybody merges after four on Fridays."),
    ("Ida takes the tram.", "Ida leaves the tram."),
    ("Der Bus fährt nach Kiel.", "Der Zug fährt nach Kiel."),
]

SAME_EXCEPTION = [
    ("Anything larger needs Bea's approval.", "It stays at this size unless Bea has agreed to more."),
    ("All but two signed the lease.", "Lease: signed by everybody, minus 2"),
    ("Members see every column except salary.", "Salary is the sole column that members don't see."),
    ("Alle steigen Treppen, weil der Lift außer Betrieb ist.", "Der Lift steht still, Treppen steigen alle."),
]
ANOTHER_EXCEPTION = [
    ("A commit needs Bea's approval each time.", "Always commit unless Bea tells me not to."),
    ("Members see every column.", "Members see every column except salary."),
    ("Bikes go by train unless it is full.", "Bikes go by train."),
    ("Alle steigen Treppen.", "Alle steigen Treppen, außer Opa."),
]


@pytest.mark.parametrize(
    ("a", "b"),
    [*SAME_KIND, *SAME_BOUNDS_AND_ORDER, *NO_OPPOSITES, *REPEATED_ELSEWHERE, *NO_OTHER_WORD, *SAME_EXCEPTION],
)
def test_mere_wording_does_not_forbid_a_merge(a: str, b: str) -> None:
    assert not is_forbidden(a, b)
    assert not is_forbidden(b, a)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        *ANOTHER_OF_ITS_KIND,
        *ANOTHER_BOUND_OR_ORDER,
        *OPPOSITES,
        *REPEATED_INSTEAD,
        *ANOTHER_WORD,
        *ANOTHER_EXCEPTION,
    ],
)
def test_what_tells_two_texts_apart_forbids_a_merge(a: str, b: str) -> None:
    assert is_forbidden(a, b)
    assert is_forbidden(b, a)
