"""Which keys the registry says what with, as its catalog tells boxes."""

from appliance.federation.protocol.statements import RegistryKey, RegistryKeyList
from appliance.registry.setting_up.folder import RegistryFolder
from appliance.trust.box_key import BoxKey
from appliance.trust.canonical import canonical


def registry_keys(folder: RegistryFolder) -> tuple[RegistryKey, ...]:
    """The present ones; made where they are missing. Raises ``ConfigInvalid``, ``IntegrityFailed``."""
    return (
        RegistryKey(BoxKey.at(folder.statements_key).public.text, ("statements",)),
        RegistryKey(BoxKey.at(folder.status_key).public.text, ("status",)),
    )


def key_list(folder: RegistryFolder, registry: str) -> bytes:
    """As ``registry/keys.json`` holds them."""
    return canonical(RegistryKeyList(v=1, registry=registry, keys=registry_keys(folder)))
