"""What a box says. ``box`` is the thumbprint of the key that it enrolled with, whatever its key is now;
``jti`` is unique, and the same one again is answered as the first time.
"""

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from appliance.federation.protocol.bounds import (
    Count,
    Day,
    KeyText,
    MaybeOrganization,
    MaybeSha256,
    Model,
    Name,
    Organization,
    Purpose,
    Sha256,
    Thumbprint,
    Time,
    Token,
    Words,
)
from appliance.federation.protocol.limits import MESSAGE_BYTES

LetterKind = Literal["flaw-report", "flaw-answer", "access-request", "access-grant", "access-end"]
MOST_MODELS: Final = 64


class Message(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What all have."""

    v: Literal[1] = 1
    box: Thumbprint
    jti: Name
    iat: Time


class Enroll(Message, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Signed by the new key itself, which proves that the box has it. ``sealing_key`` is for letters
    (X25519); ``replaces`` the box that was lost, for a person to link.
    """

    code: Annotated[str, Meta(min_length=16, max_length=128)]
    name: Annotated[str, Meta(min_length=1, max_length=80)]
    software: Annotated[str, Meta(max_length=40)]
    sealing_key: KeyText
    replaces: Annotated[str, Meta(max_length=43)] = ""


class NextKey(Message, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Signed by the new key: it agrees to be the key of ``box``."""


class Rotate(Message, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Signed by the key that counts now; ``next`` is a ``NextKey`` token."""

    next: Annotated[str, Meta(min_length=1, max_length=4096)]


class Sync(Message, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Asks for whatever waits: status list, notices, checks, letters, statements, budgets."""

    software: Annotated[str, Meta(max_length=40)] = ""


class WantedLease(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """``files`` are the hashes of the model's forms; ``until`` is when a course ends, which asks for a term
    lease (0: an ordinary one).
    """

    model: Model
    files: Annotated[tuple[Sha256, ...], Meta(max_length=32)]
    terms_sha256: MaybeSha256 = ""
    purposes: Annotated[tuple[Purpose, ...], Meta(max_length=4)] = ()
    until: Time = 0
    project: Annotated[str, Meta(pattern=r"^([0-9a-f]{16})?\Z")] = ""


class LeaseRequest(Message, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """``acceptances`` are acts as the box's own key signed them, where a license asks for one."""

    wanted: Annotated[tuple[WantedLease, ...], Meta(min_length=1, max_length=MOST_MODELS)]
    acceptances: Annotated[tuple[Token, ...], Meta(max_length=MOST_MODELS)] = ()


class ApplicationMessage(Message, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Asks the registry to countersign a grant. ``person`` and ``project`` are the box's own ids, which the
    applicant saw and agreed to send with the rest.
    """

    application: Name
    grant: Name
    project: Name
    person: Annotated[str, Meta(max_length=128)]
    model: Model
    affiliation: Annotated[str, Meta(max_length=500)]
    intended_use: Annotated[str, Meta(max_length=4000)]
    publications: Annotated[str, Meta(max_length=4000)]
    agreement_sha256: MaybeSha256
    reviewed_by: Words
    conditions: Annotated[str, Meta(max_length=1000)] = ""
    until: Time = 0
    agreed_sha256: Sha256
    """Of what the applicant was shown and agreed to."""


class HeadRequest(Message, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What does the registry have of this box?"""


class Leaf(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One request as it stands in the tree of a batch: salted, and without prompt, person or key."""

    index: Count
    salt: Sha256
    day: Day
    hour: Annotated[int, Meta(ge=0, le=23)]
    group: Annotated[str, Meta(max_length=16)]
    model: Model
    outcome: Annotated[str, Meta(max_length=16)]
    input_tokens: Count
    output_tokens: Count
    gflop: Count
    proof: Annotated[tuple[Sha256, ...], Meta(max_length=40)] = ()


class CheckAnswer(Message, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """``refused`` says why where nothing is shown."""

    check: Name
    epoch: Count
    seq: Count
    leaves: Annotated[tuple[Leaf, ...], Meta(max_length=64)] = ()
    refused: Words = ""


class Deletion(Message, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What became of the files of a model whose lease was taken back."""

    model: Model
    lease: Annotated[str, Meta(max_length=128)]
    files: Annotated[tuple[Sha256, ...], Meta(max_length=512)]
    how: Literal["deleted", "quarantined"]
    at: Time


class Received(Message, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """These are here; they need not be sent again."""

    items: Annotated[tuple[Name, ...], Meta(min_length=1, max_length=1000)]


class ListedFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """``data`` is base64."""

    path: Annotated[str, Meta(min_length=1, max_length=300)]
    data: Annotated[str, Meta(max_length=MESSAGE_BYTES)]


class Listing(Message, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The list of an organization's models, as its own key signed it (TUF metadata, base64), with what it
    lists.
    """

    organization: Organization
    metadata: Annotated[str, Meta(min_length=1, max_length=MESSAGE_BYTES)]
    files: Annotated[tuple[ListedFile, ...], Meta(max_length=256)] = ()


class Letter(Message, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """From one lab to another, carried by the registry. Exactly one of ``to_box`` and ``to_organization`` is
    not empty. ``body`` is JSON of the letter's kind, or sealed for the reader (JWE).
    """

    to_box: Annotated[str, Meta(max_length=43)] = ""
    to_organization: MaybeOrganization = ""
    kind: LetterKind
    thread: Name
    """What it is about: the same in every answer."""
    body: Annotated[str, Meta(min_length=1, max_length=100_000)]


class Proof(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """That a message is meant for this ``path`` of this ``host``, with a nonce of the registry."""

    host: Annotated[str, Meta(min_length=1, max_length=300)]
    path: Annotated[str, Meta(min_length=1, max_length=200)]
    nonce: Annotated[str, Meta(min_length=16, max_length=128)]
    body_sha256: Sha256


class Pass(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Shown by a box to the ``host`` whose weights it fetches; ``lease`` is its lease, where one is asked.
    ``enrollment`` says that the box belongs to the registry, ``rotation`` that its key is the one it signs
    with, where that is not the key of the enrollment.
    """

    box: Thumbprint
    host: Annotated[str, Meta(min_length=1, max_length=300)]
    model: Model
    iat: Time
    exp: Time
    lease: Annotated[str, Meta(max_length=16_384)] = ""
    enrollment: Annotated[str, Meta(max_length=16_384)] = ""
    rotation: Annotated[str, Meta(max_length=16_384)] = ""
