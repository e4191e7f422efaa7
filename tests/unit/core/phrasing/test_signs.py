"""Signs that equal words hide forbid a merge however sure a model is; harmless differences do not."""

import pytest

from kairos.core.judgement.judge import equal_words, judge
from kairos.core.markdown.claims import statement_of_text
from kairos.model import Action, Opinion

SURE = Opinion(0.997, 0.001, 0.001, 0.0005, 0.0005)


def action(a: str, b: str) -> Action:
    return judge(
        statement_of_text(a), statement_of_text(b), lambda x, y: 1.0 if x == y else 0.97, opinion=SURE
    ).action


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Fail when a == b.", "Fail when a != b."),
        ("Alarm when the queue is >= 40 deep.", "Alarm when the queue is <= 40 deep."),
        ("Traffic flows A → B.", "Traffic flows A ← B."),
        ("The limit is < 10 requests.", "The limit is 10 requests."),
        ("The discount is -5 % in March.", "The discount is 5 % in March."),
        ("✅ Dark mode on the settings page", "❌ Dark mode on the settings page"),
        ("Export to PDF: ✓", "Export to PDF: ✗"),
        ("We use Redis for sessions.", "Should we use Redis for sessions?"),
        ("Wir deployen freitags.", "Deployen wir freitags?"),
        ("The ratio is 1:2.", "The ratio is 2:1."),
        ("The ship date is 03/04/2026.", "The ship date is 04/03/2026."),
        ("Coordinates are given as lat, lon.", "Coordinates are given as lon, lat."),
        ("Traffic flows web → db.", "Traffic flows db → web."),
        ("The token is in `API_KEY`.", "The token is in `api_key`."),
        ("Call tar with -r to add files.", "Call tar with -R to add files."),
        ("Use `git branch -d` for old branches.", "Use `git branch -D` for old branches."),
        ("The module is written in C.", "The module is written in C++."),
        ("The path is ../shared.", "The path is ./shared."),
        ("Ignore files in `/build`.", "Ignore files in `build/`."),
        ("The secret is read from $TOKEN.", "The secret is read from TOKEN."),
        ("The fuse is 10 A.", "The fuse is 10 mA."),
        ("The door code is valid until 6 pm.", "The door code is valid from 6 pm."),
        (
            "The staging database is refreshed from production every Monday.",
            "Every Monday the production database is refreshed from staging.",
        ),
        ("Every Friday Bob pays Alice.", "Alice pays Bob every Friday."),
        ("Le lecteur attend l'écrivain au démarrage.", "Au démarrage, l'écrivain attend le lecteur."),
        ("Alice is Bob's manager.", "Bob is Alice's manager."),
        ("Core calls the api.", "Core is called by the api."),
        ("Send the mail from Bob.", "Send the mail to Bob."),
        ("You must restart it.", "You may restart it."),
        ("Run lint and test.", "Run lint or test."),
    ],
)
def test_differences_between_equal_words_forbid_a_merge(a: str, b: str) -> None:
    assert equal_words(statement_of_text(a), statement_of_text(b)) is None
    assert action(a, b) is not Action.MERGE
    assert action(b, a) is not Action.MERGE


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Every Monday we deploy the shop.", "We deploy the shop every Monday."),
        ("The core module calls the api.", "The api is called by the core module."),
        ("Deploys happen on Fridays.", "Deploys happen Fridays."),
        ("A caption has at most 90 letters.", "Caption: 90 letters maximum."),
        ("Use X, not Y, for builds.", "Use X not Y for builds"),
        ("The limit is ≤ 5.", "the limit: <= 5"),
        ("* `make all` builds it", "make all builds it."),
        ("It uses a key/value store.", "It uses a key-value store."),
        ("First lint -> then test.", "First lint → then test."),
        ("✔ Dark mode on the settings page", "✅ Dark mode on the settings page"),
    ],
)
def test_harmless_differences_allow_a_merge(a: str, b: str) -> None:
    assert action(a, b) is Action.MERGE


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("The app needs iOS 15 and later.", "The app needs iOS 15 only."),
        ("Backups run daily except Sundays.", "Backups run daily."),
        ("Der Laden hat täglich offen.", "Der Laden hat täglich offen außer Montag."),
    ],
)
def test_a_one_sided_limit_can_be_a_conflict(a: str, b: str) -> None:
    sure = Opinion(0.02, 0.02, 0.02, 0.92, 0.02)
    found = judge(
        statement_of_text(a), statement_of_text(b), lambda x, y: 1.0 if x == y else 0.97, opinion=sure
    )
    assert found.action is Action.FLAG


def test_an_option_that_only_the_longer_note_has_does_not_matter() -> None:
    longer = statement_of_text("Archives are made with tar. Call it with -R to add files.")
    shorter = statement_of_text("Archives are made with tar.")
    assert judge(shorter, longer, lambda x, y: 1.0 if x == y else 0.8).action is Action.MERGE
