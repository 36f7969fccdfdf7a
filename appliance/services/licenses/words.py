"""What is said to operators and students about an act, and the checks of what they typed."""

import re
from typing import Final

from appliance.domain.recipe import Recipe
from appliance.errors import BadRequest, NotLicensed
from appliance.policy.licenses import HASH_DIGITS

_DIGITS: Final = re.compile(rf"[0-9a-f]{{{HASH_DIGITS},64}}\Z")
_PERSON: Final = re.compile(r"[A-Za-z0-9._-]{1,64}\Z")


def check_text(recipe: Recipe, digits: str | None) -> None:
    """Whether whoever accepts had this very text before them. Raises ``BadRequest``."""
    show = f"`carrel license show {recipe.id} --text`"
    if recipe.terms.acceptance == "none":
        raise BadRequest(
            f"The license of {recipe.id} needs no acceptance; {show} shows its terms.", param="model"
        )
    if not recipe.terms.text_sha256:
        raise BadRequest(
            f"The recipe of {recipe.id} names no license text, so nothing can be accepted. Complete the "
            "recipe.",
            param="model",
        )
    if digits is None:
        raise BadRequest(
            f"Read the text first: {show}. Then give the first {HASH_DIGITS} digits of its hash with "
            "`--text`.",
            param="text",
        )
    if not _DIGITS.match(digits.lower()) or not recipe.terms.text_sha256.startswith(digits.lower()):
        raise BadRequest(
            f"That is not the hash of the present license text of {recipe.id}; {show} shows both, and at "
            f"least {HASH_DIGITS} digits are wanted.",
            param="text",
        )


def check_own_text(recipe: Recipe, digits: str) -> None:
    """The same over HTTP. Raises ``BadRequest``."""
    if not _DIGITS.match(digits.lower()) or not recipe.terms.text_sha256.startswith(digits.lower()):
        raise BadRequest(
            f"That is not the hash of the present license text of {recipe.id}. Read it with "
            f"`GET /v1/me/licenses`, which says the hash; at least {HASH_DIGITS} digits are wanted.",
            param="text_sha256",
        )


def check_person(recipe: Recipe, person: str) -> str:
    """The pseudonym. Raises ``BadRequest`` for what is none, and where nobody is asked for themselves."""
    if not _PERSON.match(person):
        raise BadRequest(
            "A person is named by the id of their key; `carrel key list` shows it.", param="person"
        )
    if recipe.terms.acceptance != "person":
        raise BadRequest(
            f"The license of {recipe.id} is accepted once for the whole box; leave out `--person`.",
            param="person",
        )
    return person


def missing_text(recipe: Recipe) -> BadRequest:
    """Nobody can read here what they would accept."""
    return BadRequest(
        f"The license text of {recipe.id} is not on this box. Put it, as a file that ends in .txt, into the "
        "folder `licenses` beside carrel.toml; it is known by its hash, "
        f"{recipe.terms.text_sha256[:HASH_DIGITS]}….",
        param="model",
    )


def withdrawn(model: str) -> NotLicensed:
    """For requests that end because an acceptance was taken back."""
    return NotLicensed(
        f"The acceptance of the license of {model} was taken back, so its requests end. Ask who runs the "
        "box, or choose another model.",
        lacks="acceptance",
    )


def withdrawn_personally(model: str) -> NotLicensed:
    """The same where one person took theirs back."""
    return NotLicensed(
        f"Your acceptance of the license of {model} was taken back, so your requests to it end. "
        "`GET /v1/me/licenses` shows how to accept it again.",
        lacks="personal_acceptance",
    )


def lease_lapsed(model: str) -> NotLicensed:
    """For requests that end because the registry's lease has lapsed."""
    return NotLicensed(
        f"The registry's lease of {model} has lapsed, so its requests end. Ask who runs the box to get a new "
        "one and run `carrel license lease FILE`.",
        lacks="lease",
    )


def lease_suspended(model: str) -> NotLicensed:
    """For requests that end because the registry has suspended its lease."""
    return NotLicensed(
        f"The registry has suspended the lease of {model}, so its requests end. It is served again once the "
        "registry says so; ask who runs the box.",
        lacks="lease",
    )


def lease_revoked(model: str) -> NotLicensed:
    """For requests that end because the registry has taken its lease back."""
    return NotLicensed(
        f"The registry has taken back the lease of {model}, so its requests end. Choose another model.",
        lacks="lease",
    )


def after_withdrawal(recipe: Recipe | None, model: str) -> str:
    """What has become of the model, and what is left to do."""
    stopped = f"{model} is not served any more, also not after a restart."
    if recipe is not None and recipe.terms.on_revocation == "delete":
        return (
            f"{stopped} Its license wants the files deleted when permission ends; they are still there, and "
            f"`carrel model remove {model}` deletes them."
        )
    return f"{stopped} Its files stay where they are; nothing opens them until the license is accepted again."
