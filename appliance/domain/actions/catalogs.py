"""What is done about signed catalogs: those that the box trusts, and one of the lab's own."""

from typing import Final

from appliance.domain import results
from appliance.domain.action import Action, Argument, Blast, Permission, Place
from appliance.domain.actions.rows import flag, integer, text

_PATH_LENGTH: Final = 4096


def _path(name: str, help: str, **more: object) -> Argument:
    return text(name, help, most=_PATH_LENGTH, **more)


_AT: Final = _path("at", "Folder in which the catalog is made.", required=True)
_ORG: Final = text("org", "The organization that signs; the catalog itself if left out.", most=32)
_PASSPHRASE: Final = flag("passphrase", "Encrypt the new keys, but the one that signs every week.")

ACTIONS: Final[tuple[Action, ...]] = (
    Action(
        "catalog",
        "show",
        "The signed catalogs that the box trusts, and how they stand.",
        results.CatalogList,
        Permission.READ,
    ),
    Action(
        "catalog",
        "refresh",
        "Fetch the signed catalogs anew.",
        results.CatalogsRefreshed,
        long=True,
        arguments=(
            text("name", "Only this one.", positional=True, most=32),
            _path("mirror", "Fetch it from this folder, such as a stick; an absolute path."),
        ),
    ),
    Action(
        "catalog",
        "trust",
        "Trust a signed catalog from now on.",
        results.CatalogTrusted,
        place=Place.LOCAL,
        blast=Blast.REVERSIBLE,
        arguments=(
            text("name", "Your name for it.", required=True, positional=True, most=32),
            _path("root", "Its root.json, as whoever keeps it gave it to you.", required=True),
            text("address", "Address where it is fetched.", most=500),
            _path("folder", "Folder where it is fetched instead."),
            text("prefix", "What every id in it has to begin with.", most=41),
            flag("plain_http", "Allow http:// to this machine or a private network, by number."),
        ),
    ),
    Action(
        "catalog",
        "distrust",
        "Trust a signed catalog no more.",
        results.CatalogDistrusted,
        place=Place.LOCAL,
        blast=Blast.REVERSIBLE,
        arguments=(text("name", "Your name for it.", required=True, positional=True, most=32),),
    ),
    Action(
        "catalog",
        "init",
        "Make a catalog of your own, or an organization's folder, with its keys.",
        results.CatalogFounded,
        place=Place.LOCAL,
        arguments=(
            _AT,
            integer("keys", "How many keys its root has.", default=1, least=1, most=9),
            integer("threshold", "How many of them must sign a new root.", default=1, least=1, most=9),
            text("org", "Make the folder of this organization, for somebody else's catalog.", most=32),
            _PASSPHRASE,
        ),
    ),
    Action(
        "catalog",
        "add",
        "List a recipe in your catalog, or take in what an organization published.",
        results.CatalogListed,
        place=Place.LOCAL,
        blast=Blast.REVERSIBLE,
        arguments=(
            _path(
                "recipe",
                "The recipe's file, or the folder that the organization published.",
                required=True,
                positional=True,
            ),
            _AT,
            _path("license_text", "The text of its license, if Carrel does not have it."),
            _ORG,
        ),
    ),
    Action(
        "catalog",
        "remove",
        "List a recipe no more.",
        results.CatalogListed,
        place=Place.LOCAL,
        blast=Blast.REVERSIBLE,
        arguments=(text("id", "The recipe's id.", required=True, positional=True, most=80), _AT, _ORG),
    ),
    Action(
        "catalog",
        "delegate",
        "Let an organization sign for its own models in your catalog.",
        results.CatalogDelegated,
        place=Place.LOCAL,
        blast=Blast.REVERSIBLE,
        arguments=(
            text(
                "name", "The organization; its ids begin with this and a dot.", required=True, positional=True
            ),
            _AT,
            _path("key", "Its public key, as its `catalog init` made it."),
            flag("withdraw", "End it instead: what it signed counts no more."),
        ),
    ),
    Action(
        "catalog",
        "sign",
        "Sign a list of your catalog anew, before it expires.",
        results.CatalogSigned,
        place=Place.LOCAL,
        blast=Blast.REVERSIBLE,
        arguments=(
            _AT,
            text(
                "role",
                "Which list; the snapshot stands for the timestamp too.",
                default="snapshot",
                choices=("root", "targets", "snapshot"),
            ),
            flag("rotate", "Make new keys for it, and sign everything that they sign."),
            integer("days", "How long it is good.", least=1, most=3650),
            _PASSPHRASE,
        ),
    ),
    Action(
        "catalog",
        "publish",
        "Copy your catalog to where boxes read it.",
        results.CatalogPublished,
        place=Place.LOCAL,
        arguments=(_AT, _path("to", "Folder of a web server, a share or a stick.", required=True)),
    ),
)
