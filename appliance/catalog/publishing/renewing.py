"""Signs what is there anew before it expires, and exchanges keys."""

from tuf.api.metadata import Root, Snapshot

from appliance.catalog.publishing.founding import ONLINE
from appliance.catalog.publishing.work_folder import WorkFolder
from appliance.catalog.signed.names import organization_of
from appliance.errors import BadRequest


def renew(work: WorkFolder, role: str) -> None:
    """Sign a list anew; ``snapshot`` means snapshot and timestamp. Raises ``NotAllowed``."""
    if role != Snapshot.type:
        with work.edit(role):
            pass
    work.settle(force=True)


def rotate(work: WorkFolder, role: str, passphrase: bytes | None) -> None:
    """New keys for a role, as many as it had, and everything signed with them. The old ones of the root are
    needed for it once more. Raises ``NotAllowed``, ``BadRequest``.
    """
    if organization_of(role):
        if work.is_catalog:
            raise BadRequest("An organization makes its new key in its own folder.", param="org")
        work.keyring.make(role, passphrase)
    else:
        _exchange(work, role, passphrase)
    if role == Root.type:
        work.settle(force=True)
    else:
        renew(work, role)


def _exchange(work: WorkFolder, role: str, passphrase: bytes | None) -> None:
    roles = ONLINE if role == Snapshot.type else (role,)
    secret = None if role == Snapshot.type else passphrase
    with work.edit_root() as root:
        old = list(root.roles[role].keyids)
        made = [work.keyring.make(role, secret) for _ in old]
        for one in roles:
            for keyid in list(root.roles[one].keyids):
                root.revoke_key(keyid, one)
            for key in made:
                root.add_key(key, one)
