"""Tables of words and sentence frames from which notes are generated.

Wide rather than deep: two notes that share a frame still talk about different things, as real notes do. Each frame says
one fact in three ways, so that a fact can be repeated in other words.
"""

from __future__ import annotations

COMPONENTS = """
importer exporter scheduler ledger gateway parser renderer indexer crawler mailer dispatcher validator archiver
translator compressor router firewall proxy cache queue dashboard wizard installer updater debugger profiler linter
compiler simulator planner estimator classifier tokenizer sampler aggregator notifier watcher recorder player mixer
editor viewer scanner printer plotter thermostat valve pump conveyor turntable greenhouse incubator centrifuge
spectrometer camera drone buoy antenna beacon turnstile kiosk locker forklift elevator crane kiln loom press lathe
storefront checkout catalogue newsletter forum wiki timesheet payroll roster calendar reception helpdesk registry
lexicon atlas almanac syllabus gradebook playlist scoreboard bracket leaderboard tracker logbook manifest sandbox
keyring vault passport wallet voucher loyalty tariff meter switchboard inverter battery charger windmill boiler
""".split()

THINGS = (
    """
invoices;tide tables;seed packets;choir rehearsals;parking permits;blood samples;train delays;museum loans;soil maps
recipe cards;lost parcels;tax receipts;bird sightings;crop rotations;exam papers;hotel bookings;dental records
sensor readings;radio playlists;bus timetables;oil pressures;hiking trails;wedding menus;guitar tabs;chess openings
kernel panics;memory leaks;broken builds;merge conflicts;flaky tests;expired certificates;slow queries;dead links
push notifications;avatar uploads;password resets;login attempts;refund requests;shopping baskets;gift cards
product photos;video captions;podcast chapters;font licences;colour palettes;icon sets;print margins;page breaks
spelling rules;translated strings;currency rates;postal codes;phone prefixes;time zones;leap seconds;sunrise hours
satellite images;river levels;avalanche warnings;pollen counts;earthquake reports;harbour fees;fishing quotas
bee colonies;sheep vaccinations;milk yields;wine cellars;cheese rinds;bread doughs;tea auctions;coffee roasts
fabric swatches;shoe sizes;spectacle lenses;hearing tests;pulse curves;insulin doses;vaccine batches;ward beds
court dates;notary deeds;patent claims;land registers;voter lists;petition signatures;council minutes;budget lines
fire drills;ladder inspections;crane permits;scaffold plans;roof tiles;window frames;door hinges;paint orders
spare wheels;brake pads;engine logs;flight plans;luggage tags;boarding gates;ferry cabins;lock keys;bridge openings
tournament draws;relay splits;swimming lanes;ski passes;climbing routes;referee reports;season tickets;team photos
theatre seats;light cues;costume fittings;score sheets;organ pipes;violin strings;tuning offsets;drum loops
shader programs;collision meshes;save games;level maps;dialogue trees;sprite sheets;sound effects;achievement lists
protein folds;gene panels;star catalogues;particle tracks;reagent stocks;microscope slides;fossil drawers;ice cores
reading lists;library fines;thesis drafts;seminar rooms;lab coats;scholarship letters;alumni addresses;course credits
container images;database snapshots;feature flags;API tokens;webhook retries;cron jobs;log lines;stack traces
type stubs;lock files;unit tests;release notes;changelog entries;commit messages;code reviews;branch names
""".strip()
    .replace("\n", ";")
    .split(";")
)

VERBS = """
collects:collecting rejects:rejecting compresses:compressing sorts:sorting renames:renaming duplicates:duplicating
validates:validating delays:delaying publishes:publishing encrypts:encrypting samples:sampling groups:grouping
translates:translating rounds:rounding merges:merging hides:hiding archives:archiving prints:printing counts:counting
estimates:estimating forwards:forwarding repairs:repairing signs:signing truncates:truncating mirrors:mirroring
prefetches:prefetching throttles:throttling labels:labelling weighs:weighing imports:importing reconciles:reconciling
schedules:scheduling redacts:redacting rebuilds:rebuilding splits:splitting shuffles:shuffling locks:locking
uploads:uploading caches:caching deletes:deleting restores:restoring highlights:highlighting escapes:escaping
""".split()

TOOLS = """
Postgres SQLite Redis Kafka RabbitMQ Terraform Ansible Docker Podman Kubernetes Nomad Grafana Prometheus Sentry
Webpack Vite Gradle Maven Bazel CMake Cargo Poetry pnpm Playwright Cypress pytest JUnit ESLint Prettier Blender
Figma LaTeX Pandoc FFmpeg ImageMagick Inkscape QGIS OpenCV PyTorch NumPy Polars DuckDB Elasticsearch Nginx Caddy
Keycloak Vault MinIO Jenkins Buildkite Unity Godot Arduino Zephyr FreeCAD KiCad Odoo Moodle Nextcloud Asterisk
""".split()

PEOPLE = """
Amara Bjarne Chiara Dmitri Eloise Farid Greta Hiroshi Ines Jorge Katya Lamine Mireille Nadir Oona Pavel Quentin Rosa
Sunniva Tomas Ulrike Vikram Wanda Xenia Yusuf Zofia Anselm Beatriz Cormac Delphine Emeka Fatou Gideon Halina Isidro
Jolanta Kwame Ludmila Matteo Noor Orla Priya Rasmus Saskia Tariq Ursula Viggo Winnie Yara Zeno
""".split()

TEAMS = """
billing logistics onboarding security archive research newsroom workshop laboratory payments mobile platform legal
design support warehouse field editorial kitchen maintenance accessibility translation hardware operations
""".split()

ENVIRONMENTS = "staging production development nightly demo sandbox preview integration".split()

UNITS = "minutes seconds hours days MB GB rows requests attempts pages items percent workers".split()

SYLLABLES = """
bor kel ta mi ru nos vel ar qui den fo lam pes tor gri ul wen sha jo cal ber nim os tra lis hu peg zan dor mey ick
sto fen ral ubo cas tin yel mar opi gus lo ven hal dri po sen kra nu wib elm ash
""".split()

# {name} a project, {part} its component, {things} what it works on, {does}/{doing} a verb, {value} {unit} a quantity.
FRAMES: tuple[tuple[str, str, str], ...] = (
    (
        "The {part} of {name} listens on port {port} of {host}",
        "{host} serves the {name} {part} at port {port}",
        "Port {port} on {host} belongs to the {part} of {name}",
    ),
    (
        "{name} {does} {things} every {value} {unit} in {env}",
        "In {env}, {things} go through {name}, which is {doing} them every {value} {unit}",
        "Every {value} {unit} the {env} instance of {name} {does} {things}",
    ),
    (
        "{person} from {team} wants {things} reviewed before the {part} {does} them",
        "Before the {part} {does} {things}, {person} of the {team} team has to review them",
        "Have {things} reviewed for {person} ({team}) first, only then the {part} {does} them",
    ),
    (
        "Use {tool} {version} for {doing} {things}; newer releases break the {part}",
        "{doing} {things} needs {tool} {version}, because the {part} breaks with newer releases",
        "Stay on {tool} {version} when {doing} {things}: the {part} does not work with later ones",
    ),
    (
        "Never run {command} on {host} while the {part} {does} {things}",
        "While the {part} is {doing} {things}, {command} must never be run on {host}",
        "Do not start {command} on {host} as long as {things} are with the {part}",
    ),
    (
        "The limit for {things} in {name} is {value} {unit}, set in {path}",
        "{path} holds the limit of {value} {unit} that {name} has for {things}",
        "{name} allows {value} {unit} for {things}, see {path}",
    ),
    (
        "On {day} {person} moved {things} from {tool} into the {part}",
        "{things} have been in the {part} since {person} moved them out of {tool} on {day}",
        "{person} took {things} out of {tool} on {day} and put them into the {part}",
    ),
    (
        "Tests about {things} hang unless {tool} is stopped and {path} is emptied",
        "Stop {tool} and empty {path}, or the tests about {things} will hang",
        "Without an empty {path} and a stopped {tool} every test of {things} hangs",
    ),
    (
        "{person} prefers a short table of {things} over long prose",
        "Show {person} {things} as a short table rather than long prose",
        "For {person}, put {things} in a short table and leave out the prose",
    ),
    (
        "Exports of {things} go to {path} as {format} and are read by the {team} team",
        "The {team} team reads {things} from {path}, where they are exported as {format}",
        "{things} are exported as {format} into {path} for the {team} team",
    ),
    (
        "The {part} lost {value} {unit} of {things} when {host} was rebooted on {day}",
        "Rebooting {host} on {day} cost the {part} {value} {unit} of {things}",
        "{value} {unit} of {things} were lost by the {part} in the reboot of {host} on {day}",
    ),
    (
        "{tool} cannot cope with {things}; {name} {does} them with a {part} of its own",
        "Because {tool} fails with {things}, {name} has its own {part} that {does} them",
        "{name} {does} {things} with its own {part}, since {tool} cannot cope with them",
    ),
    (
        "Credentials for {host} are kept by {person}; ask before touching {things}",
        "{person} keeps the credentials for {host}, so ask there before {things} are touched",
        "Ask {person}, who has the credentials for {host}, before touching {things}",
    ),
    (
        "Releases of {name} wait until the {team} team has signed off {things}",
        "The {team} team has to sign off {things} before {name} is released",
        "No release of {name} without a sign-off of {things} by the {team} team",
    ),
    (
        "The nightly job {command} fails silently when {things} exceed {value} {unit}",
        "When there are more than {value} {unit} of {things}, the nightly {command} fails silently",
        "{command} runs nightly and fails without a word once {things} exceed {value} {unit}",
    ),
    (
        "{name} speaks {format} to {host}, and its {part} {does} {things} on the way",
        "On the way to {host}, which gets {format} from {name}, the {part} {does} {things}",
        "Between {name} and {host} goes {format}; the {part} {does} {things} in between",
    ),
    (
        "Whoever is {doing} {things} first opens a ticket with {team} and names {host} in it",
        "A ticket with {team} that names {host} comes before anybody starts {doing} {things}",
        "Before {doing} {things}, open a ticket with the {team} team and name {host}",
    ),
    (
        "{person} answers questions about {things} on weekdays, {person2} at weekends",
        "At weekends ask {person2} about {things}, on weekdays {person}",
        "Questions about {things}: {person} on weekdays, {person2} at the weekend",
    ),
    (
        "{path} must stay in sync with {tool} by hand: the {part} reads both",
        "The {part} reads {path} as well as {tool}, so keep the two in sync by hand",
        "Keep {path} and {tool} in sync by hand, since both are read by the {part}",
    ),
    (
        "Colours in the {part} mean: red for {things} that are late, grey for those without an owner",
        "In the {part}, late {things} are red and those without an owner are grey",
        "Red {things} in the {part} are late, grey ones have no owner",
    ),
    (
        "Rollback of {name} {version} took {value} {unit} because {things} had been changed in between",
        "Because {things} had changed meanwhile, rolling back {name} {version} took {value} {unit}",
        "It took {value} {unit} to roll back {name} {version}: {things} had been changed in between",
    ),
    (
        "We chose {tool} over {format} files for {things} since searching them was too slow",
        "Searching {things} in {format} files was too slow, which is why we chose {tool}",
        "{tool} holds {things} now, as a search through {format} files was too slow",
    ),
    (
        "Ignore warnings about {things} at start-up; they stop once {host} is reachable",
        "Warnings about {things} at start-up can be ignored and end when {host} is reachable",
        "As soon as {host} is reachable, the start-up warnings about {things} stop; ignore them",
    ),
    (
        "Customers abroad see {things} rounded to {value} {unit}, at home they are exact",
        "{things} are exact at home and rounded to {value} {unit} for customers abroad",
        "Only customers abroad get {things} rounded to {value} {unit}, those at home see them exactly",
    ),
    (
        "After a power cut, start {host} before the {part}, then {command} by hand",
        "Power cut: first {host}, then the {part}, and {command} by hand at the end",
        "When the power was out, bring up {host}, after it the {part}, and run {command} by hand",
    ),
    (
        "The contract with {name} ends on {day}; {team} wants to go back to {tool}",
        "{team} would rather return to {tool} when the contract with {name} ends on {day}",
        "On {day} the contract with {name} ends and {team} wants {tool} back",
    ),
    (
        "Old {things} are kept for {value} days in {path} and then go for good",
        "After {value} days in {path}, old {things} go for good",
        "{path} keeps old {things} for {value} days, after which they are gone",
    ),
    (
        "{person} is learning {tool}; explain {things} with an analogy to the {part}",
        "When {person}, who is new to {tool}, asks about {things}, compare them to the {part}",
        "Explain {things} to {person} by analogy to the {part}: {tool} is new there",
    ),
)

REMARKS: tuple[str, ...] = (
    "{person} found this while {doing} {things}",
    "The reason is a bug in {tool} {version} that upstream has not fixed",
    "It was decided with {team} after the {part} had failed on {day}",
    "See {path} for an example with {things}",
    "This holds for {env} alone",
    "Otherwise the {part} starts {doing} {things} twice",
    "A first attempt with {tool} took {value} {unit} and was given up",
    "{person} and {person2} disagree about it, so mention it in reviews",
    "Check with {command} afterwards",
    "The {team} team depends on it for {things}",
    "It saves about {value} {unit} on {host}",
    "Nobody remembers why, but {things} depend on it",
)
FORMATS = "CSV JSON Parquet YAML protobuf XML TSV Avro HTML plain-text MessagePack iCalendar GeoJSON".split()
