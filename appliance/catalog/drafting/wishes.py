"""What somebody says of the recipe that is to be written."""

from dataclasses import dataclass

from appliance.domain.recipe import Precision


@dataclass(frozen=True, slots=True)
class Wishes:
    """What whoever asks for a recipe says of it; empty: as the files have it."""

    id: str = ""
    form: str = ""
    patterns: tuple[str, ...] = ()
    engine: str = ""
    precision: Precision = ""
    license: str = ""
