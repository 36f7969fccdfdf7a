"""What actions on the settings answer."""

from appliance.domain.results.base import Result


class Setting(Result, frozen=True):
    """One setting; ``origin`` is ``flag``, ``environment``, ``file`` or ``default``, and ``detail`` says
    which.
    """

    key: str
    value: str
    origin: str
    detail: str
    help: str


class Configuration(Result, frozen=True):
    """Settings, and the file that ``config set`` writes."""

    file: str
    settings: tuple[Setting, ...]
    restart_needed: bool = False
