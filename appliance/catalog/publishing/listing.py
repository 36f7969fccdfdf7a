"""What a catalog lists: puts recipes and license texts in, and takes recipes out."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from tuf.api.metadata import Targets

from appliance.catalog.publishing.work_folder import WorkFolder
from appliance.catalog.recipes import decode_recipe
from appliance.catalog.signed.names import (
    KEYS_BYTES,
    RECIPE_BYTES,
    REGISTRY_KEYS,
    TEXT_BYTES,
    RecipeTarget,
    parse_target,
    recipe_path,
    role_of,
    text_path,
    why_not,
)
from appliance.catalog.signed.reading import why_not_recipe
from appliance.errors import BadRequest, Conflict, NotFound

FindText = Callable[[str], bytes | None]
"""Takes a SHA-256; a text that is not at hand is None."""


@dataclass(frozen=True, slots=True)
class Listed:
    """What was put in, or taken out."""

    id: str
    revision: int


def list_recipe(work: WorkFolder, toml: bytes, *, organization: str, text_of: FindText) -> Listed:
    """List a recipe, with the text of its license if it names one. Older revisions are listed no more.

    Raises ``ConfigInvalid``, ``BadRequest``, ``Conflict``, ``NotAllowed``.
    """
    target, text_sha256 = _checked(toml, organization)
    role = role_of(organization)
    with work.edit_targets(role) as targets:
        _check_new(targets, target, toml)
        _list_text(work, targets, organization, text_sha256, text_of)
        for older in _recipes(targets, target.id):
            del targets.targets[older.path]
        targets.targets[target.path] = work.put_file(target.path, toml)
    work.settle()
    return Listed(target.id, target.revision)


def unlist_recipe(work: WorkFolder, id: str, *, organization: str) -> Listed:
    """List a recipe no more. Raises ``NotFound``, ``NotAllowed``."""
    with work.edit_targets(role_of(organization)) as targets:
        listed = _recipes(targets, id)
        if not listed:
            raise NotFound("No recipe of that id is listed there.", param="id")
        for one in listed:
            del targets.targets[one.path]
    work.settle()
    return Listed(id, max(one.revision for one in listed))


def list_registry_keys(work: WorkFolder, keys: bytes) -> bool:
    """List the keys with which a registry signs; whether they were others before. Raises ``BadRequest``,
    ``NotAllowed``.
    """
    if len(keys) > KEYS_BYTES:
        raise BadRequest(f"The list of keys is larger than {KEYS_BYTES} bytes.")
    present = work.targets().targets.get(REGISTRY_KEYS)
    if present is not None and present.hashes.get("sha256") == hashlib.sha256(keys).hexdigest():
        return False
    with work.edit_targets() as targets:
        targets.targets[REGISTRY_KEYS] = work.put_file(REGISTRY_KEYS, keys)
    work.settle()
    return True


def _checked(toml: bytes, organization: str) -> tuple[RecipeTarget, str]:
    if len(toml) > RECIPE_BYTES:
        raise BadRequest(f"The recipe is larger than {RECIPE_BYTES} bytes.")
    recipe = decode_recipe(toml, "to be listed").value()
    path = recipe_path(organization, recipe.id, recipe.revision)
    target = RecipeTarget(path, organization, recipe.id, recipe.revision)
    if reason := why_not(target, role_of(organization), "") or why_not_recipe(target, toml):
        raise BadRequest(f"The recipe cannot be listed: {reason}.")
    return target, recipe.terms.text_sha256


def _check_new(targets: Targets, target: RecipeTarget, toml: bytes) -> None:
    present = targets.targets.get(target.path)
    if present is not None and present.hashes.get("sha256") != hashlib.sha256(toml).hexdigest():
        raise Conflict(
            f"Revision {target.revision} of {target.id} is listed; raise `revision` in the recipe."
        )
    if any(one.revision > target.revision for one in _recipes(targets, target.id)):
        raise Conflict(f"A newer revision of {target.id} is listed; raise `revision` in the recipe.")


def _list_text(work: WorkFolder, targets: Targets, organization: str, sha256: str, text_of: FindText) -> None:
    path = text_path(organization, sha256)
    if not sha256 or path in targets.targets:
        return
    text = text_of(sha256)
    if text is None:
        raise BadRequest(
            "The recipe names the text of its license, and the catalog does not have it: give it with "
            "`--license-text FILE`.",
            param="license_text",
        )
    if hashlib.sha256(text).hexdigest() != sha256 or len(text) > TEXT_BYTES:
        raise BadRequest("That is not the text whose hash the recipe names.", param="license_text")
    targets.targets[path] = work.put_file(path, text)


def _recipes(targets: Targets, id: str) -> list[RecipeTarget]:
    parsed = (parse_target(path) for path in targets.targets)
    return [one for one in parsed if isinstance(one, RecipeTarget) and one.id == id]
