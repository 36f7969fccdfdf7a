"""What an organization may list of its own models: whose they are, and which it may host itself. Pure.

A model elsewhere takes prompts off the box. So only its owner lists it, under its own name, with no say in
which secret is sent to it, and at no address that machines give to their own insides.
"""

import ipaddress
from typing import Final
from urllib.parse import urlsplit

from appliance.catalog.signed.names import RecipeTarget
from appliance.catalog.toml_shape import RecipeToml
from appliance.catalog.upstream_shape import UpstreamToml
from appliance.domain.sharing import ACCESS_KEY

MOST_KEY_NAME: Final = 64
"""Of the name of a secret."""
_BY_HAND: Final = "a model hosted elsewhere is for whoever runs the box to add, since prompts leave it"


def why_not_owned(target: RecipeTarget, recipe: RecipeToml) -> str:
    """Why a listed recipe does not count for what it says of its owner; empty where it does."""
    sharing, upstream = recipe.sharing, recipe.upstream
    if upstream is not None and (sharing is None or not target.organization):
        return _BY_HAND
    if sharing is not None and target.organization and sharing.organization != target.organization:
        return f"it says that it is of {sharing.organization}, and {target.organization} signed it"
    return "" if upstream is None else _why_not_asked(recipe.id, upstream)


def _why_not_asked(id: str, upstream: UpstreamToml) -> str:
    if upstream.key is not None:
        return "a listed model names no key: the box that may use it has one of its own"
    if upstream.tokenizer:
        return "a listed model that is hosted elsewhere brings no file"
    if len(ACCESS_KEY + id) > MOST_KEY_NAME:
        return (
            f"the id of a model that is hosted elsewhere has at most {MOST_KEY_NAME - len(ACCESS_KEY)} signs"
        )
    if _is_inside(urlsplit(upstream.address).hostname or ""):
        return "its address is one that machines give to their own insides"
    return ""


def _is_inside(hostname: str) -> bool:
    try:
        number = ipaddress.ip_address(hostname)
    except ValueError:
        return False
    return number.is_link_local or number.is_multicast or number.is_unspecified
