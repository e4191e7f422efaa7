"""Tables of mutually exclusive words, one group per line, and of expressions that reverse a statement.

Read by `bench.alterations`. Replacing a word of `SCOPES` or `EXACT_SCOPES` makes the note about another thing rather
than the contrary. The `EXACT` tables are matched case-sensitively, the others ignore case.
"""

OPPOSITES = """
before | after
always | never
first | last
minimum | maximum
min | max
min. | max.
above | below
enable | disable
enabled | disabled
enables | disables
allowed | forbidden
permitted | prohibited
allow | forbid
with | without
more than | less than
fewer than | more than
at least | at most
no more than | no less than
longer | shorter
higher | lower
faster | slower
bigger | smaller
larger | smaller
earlier | later
earliest | latest
oldest | newest
inside | outside
ascending | descending
increase | decrease
increases | decreases
raise | lower
required | optional
mandatory | optional
manually | automatically
by hand | automatically
include | exclude
includes | excludes
add | remove
keep | drop
keep | delete
open | closed
accepted | rejected
approved | rejected
succeeds | fails
passes | fails
hot | cold
warm | cold
early | late
likes | dislikes
loves | hates
likes | can't stand
prefers | dislikes
prefer | avoid
safe | unsafe
start | end
starts | ends
begins | ends
cheaper | dearer
full | empty
done | pending
finished | not started
solved | unsolved
fixed | still broken
merged | reverted
everybody | nobody
everyone | no one
both | neither
all | none of the
all | only some
every | no
everything | nothing
✓ | ✗
✔ | ✘
≥ | ≤
immer | nie
vor | nach
mit | ohne
mindestens | höchstens
alle | keine
jeder | keiner
erlaubt | verboten
toujours | jamais
avant | après
avec | sans
au moins | au plus
autorisé | interdit
siempre | nunca
antes de | después de
con | sin
permitido | prohibido
sempre | nunca
com | sem
depois de | antes de
всегда | никогда
можно | нельзя
перед | после
"""
CHOICES = """
Monday | Tuesday | Thursday | Friday
Wednesday | Friday | Sunday
Mondays | Tuesdays | Thursdays
Saturday | Sunday
Mon | Tue | Thu
Wed | Fri | Sun
Montag | Dienstag | Donnerstag
lundi | mardi | jeudi
lunes | martes | jueves
spring | autumn
summer | winter
morning | evening
mornings | evenings
noon | midnight
weekdays | weekends
daily | weekly | monthly
hourly | daily
nightly | hourly
every day | every week
per day | per week | per hour
per hour | per minute
a day | a week
a week | minutes | hours
seconds | minutes
hours | days
days | weeks
weeks | months
months | years
red | green | blue
black | white
yellow | purple
Python | Go | Rust
Postgres | MySQL | SQLite
PostgreSQL | MySQL | MongoDB
Redis | Memcached
npm | pnpm | yarn
Docker | Podman
AWS | GCP | Azure
GitHub | GitLab
Slack | Teams
Kafka | RabbitMQ
JSON | YAML | TOML
REST | GraphQL | gRPC
tabs | spaces
English | German | French
two | three | four
five | six | seven
eight | nine | ten
twice | three times
once | twice
half | a third
double | triple
MB | GB | KB
ms | s
kg | g
km | m
seul | tous
周一 | 周三 | 周五
每天 | 每周 | 每月
必须 | 不必
允许 | 禁止
之前 | 之后
毎日 | 毎週
必須 | 任意
許可 | 禁止
"""
SCOPES = """
old | new
older | newer
internal | external
public | private
upper | lower
staging | production
prod | staging
frontend | backend
front end | back end
client | server
Linux | Windows | macOS
iOS | Android
Chrome | Firefox | Safari
local | remote
locally | remotely
master | replica
source | target
sender | recipient
input | output
read | write
reads | writes
import | export
upload | download
parent | child
mother | father
sister | brother
daughter | son
wife | husband
Mum | Dad
north | south
east | west
neu | alt
"""
NEGATED = """
(?<=\\w )must not(?= \\w) => must
(?<=\\w )must(?= (?!not|never)\\w) => must not
(?<=\\w )should not(?= \\w) => should
(?<=\\w )should(?= (?!not|never)\\w) => should not
(?<=\\w )is not(?= \\w) => is
(?<=\\w )isn't(?= \\w) => is
(?<=\\w )aren't(?= \\w) => are
(?<=\\w )doesn't (?=\\w) => does_
(?<=\\w )is(?= (?!not|no|never|nothing)\\w) => is not
(?<=\\w )are(?= (?!not|no|never)\\w) => are not
(?<=\\w )was(?= (?!not|no|never)\\w) => was not
(?<=\\w )were(?= (?!not|no|never)\\w) => were not
(?<=\\w )has(?= (?!not|no|never|to)\\w) => has no
(?<=\\w )can(?= (?!not|no|only|never)\\w) => cannot
(?<=\\w )cannot(?= \\w) => can
(?<=\\w )can't(?= \\w) => can
(?<=\\w )may(?= (?!not|no|only|never)\\w) => may not
(?<=\\w )may not(?= \\w) => may
(?<=\\w )will(?= (?!not|no|never)\\w) => won't
(?<=\\w )won't(?= \\w) => will
(?<=\\w )needs(?= (?!no|not)\\w) => doesn't need
\\bdo not (?=\\w) => _
\\bdon't (?=\\w) => _
\\bnever (?=\\w) => always_
\\bno (?=(?!more|longer|one|later|earlier|sooner|less|fewer|matter)\\w+(?: |$|[.,;])) => some_
\\bnot (?=\\w) => _
\\bonly (?=\\w) => not only_
(?<=\\w )on(?=$|[.,;]) => off
(?<=\\w )off(?=$|[.,;]) => on
\\byes(?=$|[,.;]) => no
\\bno(?=$|[,.;]) => yes
(?<=switched )on\\b => off
(?<=turned )on\\b => off
(?<=switched )off\\b => on
(?<=turned )off\\b => on
\\bnothing but(?= \\w) => everything but
\\bnobody but(?= \\w) => everybody but
\\bexcept(?= \\w) => including
\\bunless(?= \\w) => if
\\binstead of(?= \\w) => as well as
\\brather than(?= \\w) => as well as
\\buse (?=\\w) => avoid_
\\bavoid (?=\\w) => use_
\\bnicht (?=\\w) => _
\\bkeine (?=\\w) => alle_
\\bkein (?=\\w) => ein_
\\bnur (?=\\w) => nicht nur_
(?<=\\w )ist(?= (?!nicht|kein)\\w) => ist nicht
(?<=\\w )muss(?= (?!nicht)\\w) => darf nicht
(?<=\\w )darf(?= (?!nicht|nur)\\w) => darf nicht
(?<=\\w )est(?= (?!pas)\\w) => n'est pas
(?<=\\w )es(?= (?!que)[a-z]{3}) => no es
(?<=\\w )não (?=\\w) => _
(?<=\\w )не (?=\\w) => _
不要 => 要
不能 => 能
没有 => 有
不是 => 是
しない => する
ではない => である
"""
EXACT = """
true | false
ON | OFF
January | March | June | October
February | April | July | November
August | September | December
Jan | Mar | Jun | Oct
Feb | Apr | Jul | Nov
"""
EXACT_SCOPES = """
GET | POST
PUT | DELETE
CPU | GPU
"""
NAMES = "Imogen Tariq Oskar Beatriz Nadia Wren Pavel Sunita Lorenzo Akiko Femi Greta Marek Yusuf Ines".split()
