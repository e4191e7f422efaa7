"""A difference in a single telling word forbids a merge, however sure a model is; true paraphrases may merge."""

import pytest

from kairos.core.judgement.judge import judge
from kairos.core.judgement.pair_context import PairContext
from kairos.core.markdown.claims import statement_of_text
from kairos.core.phrasing.distinctions import told_apart
from kairos.model import Action, Opinion

SURE = Opinion(0.997, 0.001, 0.001, 0.0005, 0.0005)
LONELY = PairContext(nearest=True, mutual=True, comparable=True, lonely=True)

KINDS = [
    ("The client must send a token.", "A token should be sent by the client."),
    ("Reviewers may run it locally.", "Running it locally must be done by reviewers."),
    ("Interns must not push here.", "Pushing here is what interns should not do."),
    ("You don't have to restart it.", "Restarting it is something you must not do."),
    ("She usually has tea at four.", "At four it is always tea that she has."),
    ("He rarely eats meat.", "Meat is something that he never eats."),
    ("The export is always slow.", "Never slow: that is the export."),
    ("Keep at least four copies.", "At most four copies have to be kept."),
    ("Keep exactly four copies.", "Up to 4 copies are to be kept."),
    ("Gardez au moins deux copies.", "Deux copies au plus sont à garder."),
    ("Most services speak TLS.", "TLS is spoken by all services."),
    ("Log every request.", "Every other request gets logged."),
    ("The bill is due within 30 days.", "After 30 days the bill is due."),
    ("Hand it in by Friday.", "On Friday hand it in."),
    ("Der Bericht muss bis Freitag da sein.", "Vor Freitag muss der Bericht da sein."),
    ("The trial ends next week.", "This week is when the trial ends."),
    ("Rotate the logs daily.", "Logs get rotated every week."),
    ("Reboot if the disk is full.", "Unless the disk is full, reboot."),
    ("The role has write access.", "Read access is given to the role."),
    ("The proxy logs inbound calls.", "Outgoing calls are logged by the proxy."),
    ("External links are checked.", "We check the internal links."),
    ("Keycloak does authn.", "Authorization is done by Keycloak."),
    ("Push after each step.", "After each step, commit."),
    ("Integration tests need Docker.", "Docker is needed by the unit tests."),
    ("Reports query the replica.", "The primary is queried by reports."),
    ("Install packages by npm.", "Packages are installed with yarn."),
    ("Her niece is called Mia.", "Mia is the name of her daughter."),
    ("The tenant pays for repairs.", "Repairs are paid by the landlord."),
    ("Ask him about the boiler.", "About the boiler, ask her."),
    ("We meet at our place.", "Their place is where the meeting is."),
    ("The bill goes to Mr Weber.", "To Mrs Weber goes the bill."),
    ("The freeze begins on Friday.", "By Friday the freeze is over."),
    ("The key lies under the mat.", "Behind the mat you find the key."),
]
STAGES = [
    ("The data was moved to S3.", "The data will be moved to S3."),
    ("The login bug was fixed.", "The login bug is being fixed."),
    ("The lab runs Debian 12.", "The lab is being moved to Debian 12."),
    ("We have migrated the wiki.", "We plan to migrate the wiki."),
    ("Vue is the framework.", "The framework will be Vue."),
    ("Anna was the team lead.", "The team lead is Anna."),
    ("Der Fehler wurde behoben.", "Der Fehler wird gerade behoben."),
    ("La migration a été faite.", "La migration sera faite."),
]
ORDER = [
    ("The cache is cleared before the deploy.", "After each deploy they clear the cache."),
    ("Nach dem Deploy wird gemessen.", "Gemessen wird vor jedem Deploy."),
    ("La caché se vacía tras el despliegue.", "Antes del despliegue se vacía la caché."),
]
EXCEPTIONS = [
    ("Deploys stop in December.", "In December deploys stop, except for hotfixes."),
    ("Tests run on each push.", "On each push tests are run, unless it only touches docs."),
    ("Everyone may export data.", "Data may be exported by everyone but guests."),
    ("Dogs may run free.", "Dogs may run free anywhere but in the garden."),
    ("Alle haben einen Schlüssel.", "Einen Schlüssel haben alle außer Tom."),
    ("No shoes in the glaze room.", "Shoes must not be worn in the glaze room, except by visitors."),
    ("The job removes all branches.", "All merged branches are removed by the job."),
]
HEDGES = [
    ("Payments are handled by Stripe.", "Stripe might handle the payments."),
    ("The parser is owned by Kofi.", "I think Kofi owns the parser."),
    ("We use Redis for sessions.", "We want to use Redis for sessions."),
    ("The budget for ads is 500 €.", "For ads the proposed budget is 500 €."),
    ("The importer's bug has been fixed.", "The bug of the importer should be fixed by now."),
    ("The contract is signed.", "The contract is ready to be signed."),
    ("Wir nutzen Redis.", "Früher nutzten wir Redis."),
    ("Der Server steht in Kiel.", "In Kiel steht vermutlich der Server."),
    ("Kofi is the lead of the lab.", "The co-lead of the lab is Kofi."),
]
PREFIXES = [
    ("The migration is reversible.", "We call the migration irreversible."),
    ("The payload gets compressed.", "The worker gets the payload decompressed."),
    ("Signed images are pulled.", "We pull unsigned images."),
    ("The field is nullable.", "It is a non-nullable field."),
    ("The forecast overestimates rain in May.", "In May rain is underestimated by the forecast."),
    ("The check runs in the pre-commit hook.", "What runs the check is the post-commit hook."),
    ("Der Vertrag ist befristet.", "Wir haben einen unbefristeten Vertrag."),
]
REPLACED = [
    (
        "Invoices are kept for ten years, offers for one.",
        "Offers are kept for ten years, invoices for ten years.",
    ),
    ("Pumps get blue labels and valves red ones.", "Pumps get red labels, and pumps blue ones."),
    (
        "Letters to clients are formal, chats informal.",
        "Chats are formal, and so are formal letters to clients.",
    ),
    (
        "Kofi mixes the glaze and Imogen fires it.",
        "The glaze is mixed by Kofi, and the firing is done by Kofi.",
    ),
    (
        "Ask Imogen about glazes, Kofi about clay.",
        "Imogen is whom to ask about clay, and Imogen about glazes.",
    ),
]
SOURCES = [
    ("Mail is sent from help@pots.example.", "Send mail to help@pots.example."),
    ("The job reads from /srv/in and archives.", "Archives of the job go to /srv/in."),
]
AMOUNTS = [
    ("Take 5 g of salt per litre in winter.", "In winter, 5 g of salt per bucket are what to take."),
    ("The limit is 20/min for guests.", "Guests have a limit of 20/s."),
]
LISTS = [
    ("CI runs lint, tests and build.", "What CI does is lint, tests and deploy."),
    ("We support Chrome, Firefox and Safari.", "The browsers that we support are Chrome and Firefox."),
]
NAMES = [
    (
        "Bugs of the importer are in the Linear project INGEST.",
        "The Linear project PIPE has the bugs of the importer.",
    ),
    ("In Jira the board Falcon is ours.", "Ours is the board in Jira that is called Heron."),
]
SPELLINGS = [
    ('It fails with "file not found".', 'When it fails it says "file not readable".'),
    ("Ctrl+P opens the palette.", "The palette opens with Ctrl+Shift+P."),
    ("Traffic is split 90/10.", "The split of the traffic is 10/90."),
    ("The frame is 640x480.", "480x640 is the size of the frame."),
    ("We mix it 2:1.", "The mix that we take is 1:2."),
    ("The column is `user_id`.", "`userId` is the name of the column."),
    ("Files match `src/**/*.ts`.", "The glob for files is `src/*.ts`."),
    ("The flag new_menu is on.", "We switched the flag new-menu on."),
    ("Start from the branch feature/login.", "The branch to start from is feature-login."),
]


@pytest.mark.parametrize(
    ("a", "b"),
    [
        *KINDS,
        *STAGES,
        *ORDER,
        *EXCEPTIONS,
        *HEDGES,
        *PREFIXES,
        *REPLACED,
        *SOURCES,
        *AMOUNTS,
        *LISTS,
        *NAMES,
        *SPELLINGS,
    ],
    ids=lambda text: text[:30],
)
@pytest.mark.parametrize("context", [None, LONELY], ids=["alone", "in a root"])
def test_texts_that_differ_in_one_telling_thing_are_never_merged(
    a: str, b: str, context: PairContext | None
) -> None:
    one, other = statement_of_text(a), statement_of_text(b)
    assert told_apart(one, other)
    assert told_apart(one, other) == told_apart(other, one)
    found = judge(one, other, lambda x, y: 1.0 if x == y else 0.97, opinion=SURE, context=context)
    assert found.action is not Action.MERGE
    assert found.vetoed


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Interns must not merge to main.", "Merging to main is forbidden for interns."),
        ("Interns may not merge.", "Interns cannot merge."),
        ("Run the tests before a push.", "Tests must be run before a push."),
        ("Coverage must not fall below 85 %.", "Coverage has to be at least 85 %."),
        ("Deploy only after the tests.", "No deploy before the tests."),
        ("Never deploy without a review.", "Always deploy with a review."),
        ("Don't deploy unless tests pass.", "Deploy only if the tests pass."),
        ("Keys are rotated every 90 days.", "After 90 days a key is rotated."),
        ("At most 350 words.", "No more than 350 words."),
        ("The bike was found.", "They have found the bike."),
        ("The box is locked.", "The box has been locked."),
        ("If it rains, the match will be moved.", "The match is moved if it rains."),
        ("Only CI may push.", "Nobody but CI may push."),
        ("No push without a review.", "Do not push unless it was reviewed."),
        ("Every push is reviewed.", "Each push is reviewed, no exceptions."),
        ("All migrations can be undone except 0042.", "Migration 0042 alone can't be undone."),
        ("It is irreversible.", "It is not reversible."),
        ("Only critical fixes are merged.", "Non-critical fixes are not merged."),
        ("Ship it with notes, tests and docs.", "Docs, notes and tests are shipped with it."),
        ("It lives in `src/ui/`.", "`src/ui` is where it lives."),
        ("It uses a key/value store.", "A key-value store is used by it."),
        ("The front-end is fast.", "The frontend is fast."),
        ('The error is "no such file".', "It says that there is no such file."),
        ("The user wants to see diffs.", "Show diffs to the user."),
        ("SNMP is used to watch the hosts.", "The hosts are watched by SNMP."),
        ("Kofi suspects the cache.", "The cache is probably at fault, says Kofi."),
        ("The freeze begins on Friday.", "From Friday on there is a freeze."),
        ("Der Server steht in Kiel.", "In Kiel steht unser Rechner."),
        ("The Swiss vignette costs 40 CHF.", "In Switzerland the vignette is 40 CHF."),
        ("It MUST be done by Kofi.", "Kofi is ALWAYS who does it."),
        ("Read the docs and push.", "Push after you read the docs."),
        ("Kiln 2 fires at night.", "At night kiln 2 is firing, and kiln 2 only."),
        ("Build it with `idf.py build`, then flash.", "First `idf.py build`, then flash it."),
        ("Kofi mixes the glaze; ask him.", "The glaze is mixed by Kofi, so ask Kofi."),
        ("Copy from a.example to b.example.", "To b.example it is copied from a.example."),
        ("The limit is 20/min.", "It is limited to 20 requests per minute."),
        ("The update is under review.", "The update is being reviewed."),
        ("No eating except in the kitchen.", "Eating is banned everywhere but in the kitchen."),
        ("The overview lists all kilns.", "All kilns are in the overview that lists them."),
    ],
)
def test_paraphrases_are_not_told_apart(a: str, b: str) -> None:
    one, other = statement_of_text(a), statement_of_text(b)
    assert not told_apart(one, other)
    assert not told_apart(other, one)


def test_an_ambiguous_word_tells_nothing_in_a_long_text() -> None:
    long = (
        "The nightly import reads all orders of the day, checks them against the stock, writes what is missing into a "
        "list and sends the list to the people in the warehouse."
    )
    other = long.replace("all orders", "most orders")
    assert not told_apart(statement_of_text(long), statement_of_text(f"{other} It was agreed with them."))
