"""Organizations that sign for their own models: lets them, ends that, and takes in what they signed."""

from collections.abc import Callable
from pathlib import Path

from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import DelegatedRole, Delegations, Key, Metadata, TargetFile, Targets

from appliance.catalog.publishing.keys import read_public
from appliance.catalog.publishing.work_folder import WorkFolder, version_of
from appliance.catalog.signed.chain import delegated
from appliance.catalog.signed.fetching import METADATA
from appliance.catalog.signed.names import RecipeTarget, is_name, parse_target, patterns_of, role_of, why_not
from appliance.catalog.signed.reading import why_not_recipe
from appliance.catalog.writing import write_whole
from appliance.errors import BadRequest, Conflict, IntegrityFailed, NotFound


def delegate(work: WorkFolder, name: str, key: Path) -> None:
    """Let an organization sign for ids that begin with its name, with that key and no other.

    Raises ``BadRequest``, ``ConfigInvalid``, ``NotAllowed``.
    """
    if not is_name(name):
        raise BadRequest("An organization's name is lower-case letters, digits and hyphens.", param="name")
    public, role = read_public(key), role_of(name)
    with work.edit_targets() as targets:
        delegations = targets.delegations or Delegations({}, {})
        roles = dict(delegations.roles or {})
        roles[role] = DelegatedRole(role, [public.keyid], 1, True, paths=patterns_of(name))
        targets.delegations = _with_their_keys({**delegations.keys, public.keyid: public}, roles)
    work.settle()


def undelegate(work: WorkFolder, name: str) -> None:
    """What the organization signed counts no more. Raises ``NotFound``, ``NotAllowed``."""
    with work.edit_targets() as targets:
        roles = dict((targets.delegations.roles if targets.delegations else None) or {})
        if targets.delegations is None or roles.pop(role_of(name), None) is None:
            raise NotFound("That organization does not sign here.", param="name")
        targets.delegations = _with_their_keys(targets.delegations.keys, roles)
    work.settle()


def take_in(work: WorkFolder, name: str, published: WorkFolder) -> tuple[str, ...]:
    """The list that an organization signed and gave, with its files; its recipes as ``id revision``.

    Raises ``NotFound``, ``IntegrityFailed``, ``Conflict``, ``BadRequest``.
    """
    path = published.latest(role_of(name))
    if path is None:
        raise NotFound(f"There is no list of {name} in that folder.", param="recipe")
    return take_in_list(work, name, path.read_bytes(), published.get_file)


def take_in_list(
    work: WorkFolder, name: str, data: bytes, file_of: Callable[[TargetFile], bytes]
) -> tuple[str, ...]:
    """The same of the list alone; ``file_of`` gives the files that it lists, and checks them.

    Nothing is kept before all of them are here and sound.
    """
    role = role_of(name)
    if role not in delegated(work.targets()):
        raise NotFound(
            f"{name} does not sign here yet: `carrel catalog delegate {name} --key FILE`.", param="org"
        )
    listed = _verified(work, role, data)
    _check_newer(work, name, listed.version, data)
    files = [(one.path, _sound(file_of(one), one.path, role)) for one in listed.targets.values()]
    for path, content in files:
        work.put_file(path, content)
    write_whole(work.folder / METADATA / f"{listed.version}.{role}.json", data)
    work.settle()
    targets = (parse_target(one) for one in listed.targets)
    return tuple(f"{one.id} {one.revision}" for one in targets if isinstance(one, RecipeTarget))


def _check_newer(work: WorkFolder, name: str, version: int, data: bytes) -> None:
    present = work.latest(role_of(name))
    if present is None or version_of(present) < version:
        return
    if version_of(present) > version:
        raise Conflict(f"That list of {name} is older than the one that the catalog has.")
    if present.read_bytes() != data:
        raise Conflict(f"The catalog has another list of {name} with that number; sign it once more.")


def _verified(work: WorkFolder, role: str, data: bytes) -> Targets:
    try:
        found: Metadata[Targets] = Metadata.from_bytes(data)
        work.targets().verify_delegate(role, found.signed_bytes, found.signatures)
    except (RepositoryError, ValueError) as error:
        raise IntegrityFailed("That list is not signed by the key that the catalog knows of them.") from error
    if not isinstance(found.signed, Targets) or found.signed.is_expired():
        raise Conflict("That list has expired; whoever signs it has to sign it anew.")
    return found.signed


def _sound(data: bytes, path: str, role: str) -> bytes:
    target = parse_target(path)
    reason = "its path is none that a catalog has" if target is None else why_not(target, role, "")
    if isinstance(target, RecipeTarget) and not reason:
        reason = why_not_recipe(target, data)
    if reason:
        raise BadRequest(f"{path} cannot be listed: {reason}.")
    return data


def _with_their_keys(keys: dict[str, Key], roles: dict[str, DelegatedRole]) -> Delegations:
    used = {keyid for role in roles.values() for keyid in role.keyids}
    return Delegations({keyid: key for keyid, key in keys.items() if keyid in used}, roles)
