"""Which tables say anything about a person, where, and what becomes of it when the person is erased.

Every column that names somebody stands here, or in ``NAMES_NOBODY`` with the reason; a test looks.
"""

from dataclasses import dataclass
from typing import Final

from appliance.store.personal_table import IN_ALL, Owned, PersonalTable, Through

_OF_PERSONS: Final = "scope = 'person'"
_OF_THEIR_ALLOCATION: Final = "allocation_id IN (SELECT id FROM allocation WHERE scope = 'person')"

TABLES: Final[tuple[PersonalTable, ...]] = (
    # What hangs on the rows of another table comes before it: those have to be found first.
    PersonalTable(
        "sealed",
        "content that was encrypted to reviewers; the box cannot read it",
        through=(
            Through("owner", "sample", "id"),
            Through("owner", "report", "id"),
        ),
        hidden=("jwe",),
        deleted=True,
        in_project=IN_ALL,
    ),
    PersonalTable(
        "sample",
        "requests that were spot checks",
        through=(Through("request_id", "usage", "request_id"),),
        actors=("decided_by",),
        deleted=True,
        in_project=IN_ALL,
    ),
    PersonalTable(
        "batch_line",
        "answers of batches, until their files are written",
        through=(Through("batch_id", "batch", "id"),),
        deleted=True,
        in_project=IN_ALL,
    ),
    PersonalTable(
        "key",
        "keys, without their secrets",
        persons=(Owned("person_id"),),
        keys=("id",),
        hidden=("digest",),
        emptied=(("name", ""),),
    ),
    PersonalTable("class", "", actors=("created_by",)),
    PersonalTable(
        "class_seat",
        "seats in classes",
        persons=(Owned("person_id"),),
        keys=("key_id",),
        emptied=(("given", ""),),
        in_project="class_id IN (SELECT id FROM class WHERE project_id = :project)",
    ),
    PersonalTable(
        "class_key",
        "keys of seats in classes",
        persons=(Owned("person_id"),),
        keys=("key_id",),
        in_project="class_id IN (SELECT id FROM class WHERE project_id = :project)",
    ),
    PersonalTable(
        "session",
        "sessions of browsers",
        through=(Through("key_id", "key", "id"),),
        hidden=("digest",),
        deleted=True,
        in_project=IN_ALL,
    ),
    PersonalTable("switch", "", actors=("set_by",)),
    PersonalTable("membership", "projects that they belong to", persons=(Owned("person_id"),), deleted=True),
    PersonalTable(
        "usage", "requests, without their content", persons=(Owned("person_id"),), keys=("key_id",)
    ),
    PersonalTable(
        "usage_day", "sums of older requests by day", persons=(Owned("person_id"),), keys=("key_id",)
    ),
    PersonalTable("report_tally", "their use of days that are being reported", holders=("holder",)),
    PersonalTable(
        "file",
        "files; their contents are at GET /v1/files",
        holders=("holder",),
        # The next sweep removes row and content together.
        emptied=(("name", ""), ("expires_ms", 0)),
        in_project="project_id IN ('', :project)",
    ),
    PersonalTable(
        "batch",
        "batches",
        persons=(Owned("person_id"),),
        holders=("holder",),
        keys=("key_id",),
        emptied=(("metadata", "{}"), ("faults", "[]")),
    ),
    PersonalTable(
        "acceptance", "licenses that they accepted", holders=("person",), deleted=True, in_project=IN_ALL
    ),
    PersonalTable("signature", "agreements that they signed", persons=(Owned("person_id"),), deleted=True),
    PersonalTable(
        "application",
        "applications for models",
        persons=(Owned("person_id"),),
        actors=("decided_by",),
        emptied=(
            ("affiliation", ""),
            ("intended_use", ""),
            ("publications", ""),
            ("reason", ""),
            ("conditions", ""),
        ),
    ),
    PersonalTable(
        "federation_outbox",
        "messages about them to the registry",
        through=(Through("id", "registry_application", "message_id"),),
        hidden=("token",),
        deleted=True,
        in_project=IN_ALL,
    ),
    PersonalTable(
        "registry_application",
        "what was asked of the registry about them",
        persons=(Owned("person_id"),),
        actors=("agreed_by",),
        emptied=(("payload", ""), ("sha256", ""), ("reason", "")),
    ),
    PersonalTable(
        "early_member",
        "early access to models",
        persons=(Owned("person_id"),),
        deleted=True,
        in_project=IN_ALL,
    ),
    PersonalTable("access_grant", "", actors=("given_by",)),
    PersonalTable("allocation", "budgets of their own", persons=(Owned("subject", _OF_PERSONS),)),
    PersonalTable(
        "account",
        "what was spent of those",
        persons=(Owned("subject", _OF_THEIR_ALLOCATION),),
        in_project="allocation_id IN (SELECT id FROM allocation WHERE project_id = :project)",
    ),
    PersonalTable(
        "adjustment",
        "refunds, grants, bounties and corrections",
        persons=(Owned("person_id"), Owned("subject", _OF_THEIR_ALLOCATION)),
        actors=("actor",),
    ),
    PersonalTable(
        "budget_request",
        "requests for more budget",
        persons=(Owned("person_id"),),
        actors=("decided_by",),
        emptied=(("reason", ""), ("decision", "")),
    ),
    PersonalTable(
        "decision",
        "which rules refused or changed requests",
        persons=(Owned("person_id"),),
        keys=("key_id",),
    ),
    PersonalTable("restriction", "", actors=("set_by",)),
    PersonalTable(
        "duty_record",
        "what they handed in for their project",
        persons=(Owned("submitted_by"),),
        actors=("accepted_by", "withdrawn_by"),
        emptied=(("who", ""),),
    ),
    PersonalTable("duty_training", "", actors=("recorded_by",)),
    PersonalTable(
        "incident",
        "what was noticed, and what was decided",
        persons=(Owned("person_id"),),
        holders=("holder",),
        keys=("key_id",),
        actors=("decided_by",),
        emptied=(("reason", ""), ("appeal", "")),
    ),
    PersonalTable("declared_pattern", "", actors=("declared_by",)),
    PersonalTable("sample_choice", "what they said about being sampled", holders=("holder",), deleted=True),
    PersonalTable("sample_rate", "", actors=("set_by",)),
    PersonalTable("reviewer_key", "", actors=("added_by",)),
    PersonalTable(
        "report_travel",
        "which of their reports went to the owner of the model",
        through=(Through("report_id", "report", "id"),),
        actors=("consented_by", "sent_by"),
        emptied=(("sha256", ""), ("reason", "")),
        in_project=IN_ALL,
    ),
    PersonalTable("peer", "", actors=("decided_by",)),
    PersonalTable("borrowed", "", actors=("asked_by",)),
    PersonalTable(
        "report",
        "flaws that they reported",
        persons=(Owned("person_id"),),
        holders=("holder",),
        actors=("decided_by",),
        emptied=(("description", ""), ("reason", ""), ("prompt_sha256", "0" * 64)),
    ),
)


@dataclass(frozen=True, slots=True)
class Kept:
    """What goes on naming a person who was erased."""

    table: str
    sentence: str


KEPT: Final = (
    Kept(
        "audit",
        "The audit log keeps the id that they had: it says who did what to the box, and a chain with a piece "
        "cut out is no chain.",
    ),
    Kept("", "What they agreed to send to the registry the registry has."),
    Kept("", "The box's log may name their id until it is deleted."),
    Kept("", "Backups that you made before know them still."),
)
"""``table`` is empty for what is in no table."""

NAMES_NOBODY: Final = {
    ("acceptance", "who"): "goes with its row, or is who accepted for the whole lab",
    ("signature", "who"): "goes with its row",
    ("alert", "subject"): "an incident, a model or a disk",
    ("incident", "explained_by"): "a pattern that the project declared",
    ("sealed", "owner"): "of a sample or a report",
    ("sealed", "key_id"): "a reviewer's public key",
    ("peer", "key_id"): "a key of another box",
    ("person", "login"): "the person's own row, which is emptied",
    ("person", "email"): "the person's own row, which is emptied",
    ("reviewer_key", "label"): "whose key it is, as members are told while something is sealed to it",
}
"""Columns whose name sounds as if they named somebody, and why nothing becomes of them."""
