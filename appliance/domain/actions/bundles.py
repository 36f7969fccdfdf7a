"""What is done with bundles: models carried from box to box, on a stick or a disk."""

from typing import Final

from appliance.domain import results
from appliance.domain.action import Action, Argument, Blast, Kind, Permission, Place
from appliance.domain.actions.rows import accepting, flag, text

_FOLDER: Final = text(
    "folder", "The bundle's folder, with its whole path.", required=True, positional=True, most=4096
)

ACTIONS: Final[tuple[Action, ...]] = (
    Action(
        "bundle",
        "create",
        "Put models onto a bundle: recipes, files, licenses and a signature. Run again after an "
        "interruption, it keeps what is right.",
        results.BundleCreated,
        long=True,
        arguments=(
            text("models", "Model ids, with commas between them.", required=True, positional=True, most=2000),
            text("to", "The bundle's own folder, with its whole path; it is made.", required=True, most=4096),
            text("recipient", "Whom it is for, in words; it stands in the bundle.", required=True, most=120),
            flag(
                "with_installer",
                "Also the program: installer, Python and packages, for a machine without a network. Making "
                "that needs the network once, and a compiler.",
            ),
            Argument(
                "piece_mib",
                Kind.INTEGER,
                "Largest file, in MiB; FAT32 holds no more than 4095.",
                default=4000,
                least=1,
                most=4095,
            ),
        ),
    ),
    Action(
        "bundle",
        "inspect",
        "What is on a bundle, who signed it, and whether it is whole.",
        results.BundleReport,
        Permission.READ,
        place=Place.LOCAL,
        arguments=(_FOLDER, flag("full", "Read every file and compare its hash.")),
    ),
    Action(
        "bundle",
        "install",
        "Take models from a bundle: every file verified while it is copied, then put in place.",
        results.BundleInstalled,
        blast=Blast.REVERSIBLE,
        long=True,
        arguments=(
            _FOLDER,
            text("model", "Only this model of it; all if not given."),
            *accepting("carrel bundle inspect"),
            text(
                "trust_key",
                "Approve for this lab what the key with this thumbprint signed, where nobody else has.",
                most=64,
            ),
        ),
    ),
)
