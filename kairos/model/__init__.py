"""The vocabulary of the whole program: frozen values without behaviour beyond simple look-ups.

Paths are POSIX strings relative to the root. Spans are half-open byte ranges `[start, end)` into the bytes of a file as
they were read. Lines are counted from 1.
"""

from kairos.model.changes import Change, ChangeKind, CreateFile, Edit, Place, RemoveFile, Splice, Witness
from kairos.model.files import Role, Skip, Snapshot, Source, Span
from kairos.model.judgements import (
    MODEL_OPINION,
    MODEL_UNRELATED,
    NEAREST,
    NOT_COMPARED,
    PLACE_BOUND,
    Action,
    Evidence,
    Finding,
    JudgedPair,
    Judgement,
    Opinion,
    Relation,
    Side,
)
from kairos.model.notes import (
    CONTEXT_STEP,
    Claim,
    Dated,
    Entry,
    EntryKind,
    FrontMatter,
    Note,
    Part,
    Statement,
)
from kairos.model.plans import INDEX_BUDGET, NO_BUDGET, Conflict, Considered, Decision, IndexSize, Plan
from kairos.model.receipts import FileChange, Receipt

__all__ = [
    "CONTEXT_STEP",
    "INDEX_BUDGET",
    "MODEL_OPINION",
    "MODEL_UNRELATED",
    "NEAREST",
    "NOT_COMPARED",
    "NO_BUDGET",
    "PLACE_BOUND",
    "Action",
    "Change",
    "ChangeKind",
    "Claim",
    "Conflict",
    "Considered",
    "CreateFile",
    "Dated",
    "Decision",
    "Edit",
    "Entry",
    "EntryKind",
    "Evidence",
    "FileChange",
    "Finding",
    "FrontMatter",
    "IndexSize",
    "JudgedPair",
    "Judgement",
    "Note",
    "Opinion",
    "Part",
    "Place",
    "Plan",
    "Receipt",
    "Relation",
    "RemoveFile",
    "Role",
    "Side",
    "Skip",
    "Snapshot",
    "Source",
    "Span",
    "Splice",
    "Statement",
    "Witness",
]
