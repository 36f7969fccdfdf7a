"""Where this box lies on its machine."""

from appliance.domain.results.base import Result


class BoxPlace(Result, frozen=True):
    """A file or folder. ``size_bytes`` is of all that is in it; None where it is not there, may not be read,
    or has no size. ``holds`` says what it is for.
    """

    name: str
    path: str
    holds: str
    size_bytes: int | None


class BoxPlaces(Result, frozen=True):
    """``mode`` is ``home``, ``system`` or ``user``: which of the three kinds of places are used."""

    mode: str
    places: tuple[BoxPlace, ...]
