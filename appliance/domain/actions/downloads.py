"""What is done to downloads of model files."""

from typing import Final

from appliance.domain import results
from appliance.domain.action import Action, Blast, Permission
from appliance.domain.actions.rows import text

_DOWNLOAD: Final = text("download", "Its id, or the model's.", required=True, positional=True)

ACTIONS: Final[tuple[Action, ...]] = (
    Action(
        "download",
        "list",
        "The last download of each model, and how far it is.",
        results.DownloadList,
        Permission.READ,
    ),
    Action(
        "download",
        "show",
        "One download: how far it is, how fast, from where.",
        results.DownloadStatus,
        Permission.READ,
        arguments=(_DOWNLOAD,),
    ),
    Action(
        "download",
        "pause",
        "Stop a download for now; what is here is kept.",
        results.DownloadStatus,
        blast=Blast.REVERSIBLE,
        arguments=(_DOWNLOAD,),
    ),
    Action(
        "download",
        "resume",
        "Go on with a download that was paused or has failed.",
        results.DownloadStatus,
        blast=Blast.REVERSIBLE,
        arguments=(_DOWNLOAD,),
    ),
    Action(
        "download",
        "cancel",
        "Give a download up and delete what came of it.",
        results.DownloadStatus,
        blast=Blast.REVERSIBLE,
        arguments=(_DOWNLOAD,),
    ),
)
