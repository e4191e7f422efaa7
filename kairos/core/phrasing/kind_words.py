"""Tables of words of one kind that exclude each other: "must | should | may".

The tables map a kind to its members, which are separated by bars; the phrases for a member are separated by commas. `#`
stands for any number, `@` for a day of the week. They only hold words that are synonyms in no trade, and that a person
who repeats a statement does not exchange.
"""

FORCE, FREQUENCY, BOUND, CONDITION = "force", "frequency", "bound", "condition"
QUANTITY, CADENCE, TERM, CYCLE, PLACE = "quantity", "cadence", "term", "cycle", "place"
OWNER, PERSON, DAY = "owner", "person", "day"
NEVER = 5
"""The member of `FREQUENCY` that negates."""
UNSPECIFIC = frozenset({BOUND, CONDITION, QUANTITY, CADENCE, TERM, CYCLE, PLACE, OWNER, PERSON})
"""Kinds whose words apply to many things, so that in a long text they may be about something else."""
NEGATIVE = frozenset({3, 4, 5})
"""The members of `FORCE` that contain a negation."""
NEVER_AND_ALWAYS = frozenset({0, NEVER})
"""The members of `FREQUENCY` that a negation turns into each other: "never with" is "always without"."""

OF_NO_KIND = """
and a half, half past, half a, half an, half hour, half hours, half day, half days, \
at # in the morning, past # in the morning, # # in the morning, at # at night, past # at night, # # at night, \
at # in the afternoon, past # in the afternoon, # # in the afternoon, \
at # in the evening, past # in the evening, # # in the evening
"""
"""Phrases of a measure or a time of day: "half" is no share of anything there, and "in the morning" no part of the
day but what tells 3:00 from 15:00, which is for those who compare times."""

TURNED_BY_NEGATION = {
    FORCE: """
must, has to, have to, shall, mandatory, obligatory, compulsory, muss, müssen, doit, doivent, il faut, debe, deben, \
hay que, deve, devem, должен, должна, должны, обязательно
| should, ought to, recommended, sollte, sollten, devrait, devraient, debería, deberían, deveria, deveriam, следует
| may, might, can, could, allowed to, permitted to, optional, optionally, darf, dürfen, kann, können, könnte, peut, \
peuvent, puede, pueden, pode, podem, может, могут, можно
| must not, mustn t, may not, cannot, can t, can not, must never, may never, not allowed, not permitted, forbidden, \
darf nicht, dürfen nicht, kann nicht
| should not, shouldn t, should never, ought not, sollte nicht, sollten nicht
| need not, needn t, don t have to, doesn t have to, do not have to, does not have to, not required, muss nicht, \
müssen nicht
""",
    FREQUENCY: """
always, every time, invariably, immer, toujours, siempre, sempre, всегда
| usually, normally, mostly, generally, typically, meistens, meist, normalerweise, généralement, normalmente, \
geralmente, обычно
| often, frequently, oft, häufig, souvent, a menudo, frequentemente, часто
| sometimes, occasionally, now and then, at times, manchmal, gelegentlich, parfois, a veces, às vezes, иногда
| rarely, seldom, hardly ever, selten, rarement, raramente, редко
| never, nie, niemals, jamais, nunca, никогда
""",
    BOUND: """
at least, at the least, at the very least, minimum, no less than, no fewer than, not less than, or more, more than #, \
over #, above #, mindestens, au moins, al menos, como mínimo, por lo menos, pelo menos, no mínimo, не менее, минимум
| at most, at the most, at the very most, maximum, no more than, not more than, never more than, up to #, or less, \
or fewer, under #, below #, less than #, fewer than #, max #, höchstens, maximal, au plus, au maximum, como máximo, \
a lo sumo, no máximo, не более, максимум
| exactly, precisely, genau #, exakt, exactement, exactamente, exatamente, ровно
""",
    CONDITION: """
if, when, whenever, wenn, falls, sobald, nachdem, si, quand, lorsque, cuando, quando, если, когда
| unless, à moins que, a menos que, a no ser que, если не
| until, till, before, bevor, bis, jusqu, avant, hasta, antes, até, пока не, до
""",
}
"""Kinds whose words a negation reverses: "must not" is "may not", and "never under 3" is "at least 3"."""

UNAFFECTED_BY_NEGATION = {
    QUANTITY: """
all, every, each, everyone, everybody, everything, alle, allen, jeder, jede, jedes, tous, toutes, chaque, todos, \
todas, cada, все, каждый
| most, the majority, nearly all, almost all, majority, die meisten, fast alle, la plupart, presque tous, \
presque toutes, la mayoría, casi todos, casi todas, a maioria, quase todos, quase todas, большинство, почти все
| half, half of, die hälfte, la moitié, la mitad, a metade, половина
| some, a few, several, certain, einige, manche, quelques, certains, algunos, algunas, alguns, algumas, некоторые
""",
    CYCLE: """
every other, every second, every 2nd, jede zweite, jeden zweiten, jedes zweite
| every third, every 3rd, jede dritte, jeden dritten, jedes dritte
| every, each, jede, jeden, jedes
""",
    TERM: """
within #, innerhalb, binnen, dentro de, в течение, in less than
| after #, nach #, après #, después de #, após #, после #, not before, no earlier than, every #, toutes les #, cada #, \
a cada #, каждые #
""",
    PLACE: """
under the, below the, beneath the, unter dem, unter der, sous le, sous la, debajo de
| behind the, hinter dem, hinter der, derrière le, derrière la, detrás de
| above the, über dem, über der, au dessus, encima de
| in front of, outside the, devant le, devant la, delante de
| next to, beside the, neben dem, neben der, à côté, al lado de, ao lado
| in the, inside the, in dem, in der, im, dans le, dans la, dentro de, dentro do
""",
    OWNER: """
my, mine, our, ours, mein, meine, meiner, meinem, unser, unsere, ma, mes, notre, nos, mi, mis, nuestro, nuestra
| his, her, hers, their, theirs, seine, seiner, seinem, ihr, ihre, ihrem, ihrer, leur, leurs
""",
    PERSON: "he, him, his | she, her, hers",
    "precision": """
exactly, precisely, genau, exakt, exactement, exactamente, exatamente, ровно
| about #, roughly, approximately, around #, circa, ungefähr, etwa, environ, unos, aproximadamente, около, примерно
""",
    DAY: """
on @, am @, le @, el @, every @
| by @, until @, till @, ends @, ends on @, bis @, hasta @, até @, до @
| before @, vor @, avant @, antes del @
| after @, nach @, après @
| from @, since @, begins @, begins on @, starts @, starts on @, starting on @, ab @, dès @, desde @, с @
""",
    "week": "this week | next week | last week",
    "month": "this month | next month | last month",
    "quarter": "this quarter | next quarter | last quarter",
    "year": "this year | next year | last year",
    "sprint": "this sprint | next sprint | last sprint",
    CADENCE: """
hourly, every hour, per hour
| daily, every day, per day, nightly, every night, täglich, quotidien, diariamente
| weekly, every week, per week, wöchentlich, semanalmente
| monthly, every month, per month, monatlich, mensualmente, mensalmente
| quarterly, every quarter
| yearly, annually, every year, per year, jährlich
| fortnightly, biweekly
""",
    "access": """
read access, read only, read permission, read permissions, lesend, lesenden, lecture, lectura, leitura, чтение
| write access, read write, write permission, write permissions, schreibend, schreibenden, écriture, escritura, \
escrita, запись
| admin access
""",
    "way": """
inbound, incoming, ingress, eingehend, eingehende, eingehenden, entrant, entrants, entrante, entrantes, входящий, \
входящие
| outbound, outgoing, egress, ausgehend, ausgehende, ausgehenden, sortant, sortants, saliente, salientes, исходящий, \
исходящие
""",
    "reach": """
internal, internally, intern, interne, internen, interner, interno, interna
| external, externally, extern, externe, externen, externer, externo, externa
""",
    "access control": """
authentication, authenticate, authenticates, authenticated, authn
| authorization, authorisation, authorize, authorizes, authorized, authz
""",
    "secrecy": "encrypt, encrypted, encrypts, encryption | hash, hashed, hashes, hashing",
    "rate": "throttle, throttled, throttles, throttling | debounce, debounced, debounces, debouncing",
    "commit": """
commit, commits, committed, committing
| push, pushes, pushed, pushing
| rebase, rebases, rebased, rebasing
| squash, squashes, squashed, squashing
| merge, merges, merged, merging
| close, closes, closed, closing
""",
    "test": "unit, unit test, unit tests | integration, integration test, integration tests | e2e, end to end | smoke",
    "double": "mock, mocks, mocked | stub, stubs, stubbed | fake, fakes, faked | spy, spies",
    "node": "primary, master, leader | replica, replicas, secondary, follower, followers, standby",
    "transfer": "upload, uploads, uploaded, uploading | download, downloads, downloaded, downloading",
    "letter case": "upper, uppercase | lower, lowercase",
    "sort": """
ascending, aufsteigend, croissant, ascendente
| descending, absteigend, décroissant, descendente, descendant
""",
    "locking": "optimistic | pessimistic",
    "end": "inclusive | exclusive",
    "hardness": "soft | hard",
    "message": "request, requests | response, responses",
    "stream": "upstream | downstream",
    "environment": "staging | production, prod | preview | sandbox | canary",
    "part of the week": "weekday, weekdays, werktags | weekend, weekends, wochenende",
    "part of the day": """
morning, mornings, morgens, matin
| afternoon, afternoons, nachmittags
| evening, evenings, night, nights, abends, nachts, soir, nuit
""",
    "colour": "red | green | blue | yellow | purple | orange | black | white | grey, gray | brown | pink",
    "language": "english | german | french | spanish | portuguese | italian | chinese | japanese | russian",
    "state": "resolved, fixed, solved | mitigated | investigating, under investigation | reproducible | wontfix",
    "audience": """
new customers, new users, new clients
| existing customers, existing users, existing clients
| paying customers, paying users, paying clients
| all customers, all users, all clients, every customer, every user, every client
| invited customers, invited users
| trial users, trial customers
""",
    "kin": """
mother, mum, mom, mutter, mère, madre, mãe | father, dad, vater, père, padre, pai
| sister, schwester, sœur, hermana, irmã | brother, bruder, frère, hermano, irmão
| daughter, tochter, fille, hija, filha | son, sohn, fils, hijo, filho
| wife, ehefrau, épouse, esposa | husband, ehemann, mari, marido
| niece, nichte, nièce, sobrina | nephew, neffe, neveu, sobrino
| aunt, tante, tía, tia | uncle, onkel, oncle, tío, tio
| grandmother, grandma, oma | grandfather, grandpa, opa | cousin
""",
    "title": "mr, herr, herrn, monsieur, señor, senhor | mrs, ms, frau, madame, señora, senhora",
    "pet": "cat, katze | dog, hund",
    "trade": "buyer, käufer | seller, verkäufer",
    "lease": "landlord, vermieter, propietario | tenant, mieter, locataire, inquilino",
    "loan": "lender | borrower",
    "mail": "sender, absender | recipient, receiver, empfänger",
    "review": "author | reviewer, reviewers | maintainer, maintainers",
    "call": "caller | callee",
    "database": "postgres, postgresql | mysql | mariadb | sqlite | mongodb | dynamodb | cassandra | clickhouse",
    "cache": "redis | memcached | valkey",
    "queue": "kafka | rabbitmq | nats | sqs | celery",
    "package manager": "npm | pnpm | yarn | bun | pip | poetry | uv | conda | cargo",
    "container": "docker | podman",
    "cloud": "aws | gcp | azure",
    "forge": "github | gitlab | bitbucket | gitea",
    "chat": "slack | teams | discord | mattermost | telegram | whatsapp",
    "format": "json | yaml | toml | xml | csv",
    "api": "rest | graphql | grpc",
    "browser": "chrome | firefox | safari | edge",
    "host": "netlify | vercel | cloudflare | heroku",
    "framework": "react | vue | angular | svelte | solid",
    "bundler": "vite | webpack | rollup | esbuild | parcel",
    "runner": "jest | vitest | mocha | pytest | unittest",
    "browser driver": "playwright | cypress | selenium",
    "linter": "ruff | flake8 | pylint | eslint | biome | black | prettier",
    "provisioning": "terraform | pulumi | ansible",
    "shell": "bash | zsh | fish | powershell",
    "protocol": "tcp | udp",
    "insets": "tabs | spaces",
}
"""All other kinds: what their words say does not depend on a negation."""
