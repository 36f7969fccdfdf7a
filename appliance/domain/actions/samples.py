"""What is done about spot checks."""

from typing import Final

from appliance.domain.action import Action, Audience, Blast, Permission, Place
from appliance.domain.actions.rows import file, flag, integer, text
from appliance.domain.results import samples as results
from appliance.domain.samples import TIERS

_MOST_KEY: Final = 16 * 1024
_ID: Final = text(
    "id", "Id of a sample, as `carrel sample list` shows it.", required=True, positional=True, most=64
)
_KEY_ID: Final = text(
    "id", "Id of a key, as `carrel sample keys` shows it.", required=True, positional=True, most=64
)
_PERSON: Final = text(
    "person", "Id of the person, or of their key where it is of nobody in particular.", most=64
)
_PROJECT: Final = text("project", "The project in which it is said.", most=64)

_FOR_MEMBERS: Final = (
    Action(
        "sample",
        "choice",
        "Whether somebody's requests can be spot checks, and whether with content.",
        results.SampleChoice,
        Permission.READ,
        audience=Audience.MEMBERS,
        arguments=(_PERSON, _PROJECT),
    ),
    Action(
        "sample",
        "refuse",
        "Never be sampled, or take that back.",
        results.SampleChoice,
        blast=Blast.REVERSIBLE,
        audience=Audience.MEMBERS,
        arguments=(
            text("answer", "yes refuses.", positional=True, default="yes", choices=("yes", "no")),
            _PERSON,
            _PROJECT,
        ),
    ),
    Action(
        "sample",
        "consent",
        "Let reviewers also read prompt and answer of the requests that are sampled, or take that back.",
        results.SampleChoice,
        blast=Blast.REVERSIBLE,
        audience=Audience.MEMBERS,
        arguments=(
            text(
                "answer",
                "yes agrees, which people can only do themselves.",
                required=True,
                positional=True,
                choices=("yes", "no"),
            ),
            _PERSON,
            _PROJECT,
        ),
    ),
    Action(
        "sample",
        "seeds",
        "What decides on the samples of each day: hashes ahead, seeds afterward.",
        results.SeedList,
        Permission.READ,
        audience=Audience.MEMBERS,
    ),
)

_KEYS: Final = (
    Action(
        "sample",
        "key",
        "Make a pair of keys for a reviewer: content is sealed to the public one.",
        results.KeyPairWritten,
        Permission.READ,
        place=Place.LOCAL,
        arguments=(
            text(
                "out",
                "File for the private key, which stays with you; the public one is written beside it.",
                required=True,
                most=4096,
            ),
        ),
    ),
    Action("sample", "keys", "Keys that content is sealed to.", results.ReviewerKeyList, Permission.READ),
    Action(
        "sample",
        "key-add",
        "Seal content to a reviewer's public key from now on.",
        results.ReviewerKeyList,
        Permission.REVIEW,
        blast=Blast.REVERSIBLE,
        arguments=(
            file(
                "file",
                "The public key: the file whose name ends in .pub.",
                required=True,
                positional=True,
                most=_MOST_KEY,
            ),
            text("label", "Whose it is, as members are told.", required=True, most=100),
        ),
    ),
    Action(
        "sample",
        "key-end",
        "Seal nothing more to a key. What is sealed to it stays until its time is over.",
        results.ReviewerKeyList,
        Permission.REVIEW,
        blast=Blast.REVERSIBLE,
        arguments=(_KEY_ID,),
    ),
)

ACTIONS: Final[tuple[Action, ...]] = (
    Action(
        "sample",
        "list",
        "Spot checks: requests beside the purpose that was declared, those that wait for a verdict first.",
        results.SampleList,
        Permission.REVIEW,
        lists=True,
        arguments=(
            flag("all", "Also those that were decided."),
            text("project", "Only of this project.", most=64),
            integer("limit", "How many at most.", default=50, least=1, most=1000),
        ),
    ),
    Action("sample", "show", "One spot check.", results.SampleLine, Permission.REVIEW, arguments=(_ID,)),
    Action(
        "sample",
        "decide",
        "Say whether a request fits the purpose that was declared. One that does not opens an incident.",
        results.SampleLine,
        Permission.REVIEW,
        arguments=(
            _ID,
            text(
                "verdict",
                "Whether it fits.",
                required=True,
                positional=True,
                choices=("fits", "unclear", "does-not-fit"),
            ),
            text("reason", "Why, in a sentence.", required=True, most=500),
        ),
    ),
    Action(
        "sample",
        "set",
        "Set which part of the requests to models of a tier is sampled.",
        results.SampleList,
        blast=Blast.REVERSIBLE,
        arguments=(
            text("tier", "The tier of the models.", required=True, choices=TIERS),
            text("rate", "Such as 1/200; 0 for none.", required=True, most=20),
        ),
    ),
    Action(
        "sample",
        "verify",
        "Compute the samples of a day again from the ledger, and compare.",
        results.SampleProof,
        Permission.READ,
        arguments=(text("day", "UTC day, such as 2026-11-21; yesterday if left out.", most=10),),
    ),
    Action(
        "sample",
        "fetch",
        "The sealed content of a sample, for `carrel sample open`. It is written down who asked.",
        results.SealedContent,
        Permission.REVIEW,
        arguments=(_ID,),
    ),
    Action(
        "sample",
        "open",
        "Read the content of a sample with the private key of a reviewer, here in this terminal.",
        results.OpenedContent,
        Permission.REVIEW,
        place=Place.LOCAL,
        arguments=(_ID, file("key", "File with your private key.", required=True, most=_MOST_KEY)),
    ),
    *_FOR_MEMBERS,
    *_KEYS,
)
