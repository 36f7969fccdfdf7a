"""One file from whichever source has it: brought, hashed, and brought again where it was another one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from appliance.domain.recipe import RecipeFile
from appliance.domain.source import WeightSource
from appliance.errors import CarrelError, NotAllowed, NotFound, OutboundFailed
from appliance.weights.fetching.bringing import LOOK_S, Means, bring
from appliance.weights.fetching.failing import SourceFailed
from appliance.weights.fetching.hashing import Hasher
from appliance.weights.fetching.meter import Meter
from appliance.weights.fetching.origins import origin_of
from appliance.weights.fetching.part import Part
from appliance.weights.fetching.sources import Sources


@dataclass(frozen=True, slots=True)
class Place:
    """The hub that sources of that kind mean, and with which token it is asked; ``passes`` are what boxes are
    shown that give files, by their addresses.
    """

    hub: str
    token: str
    passes: Mapping[str, str] = field(default_factory=dict, repr=False)


class OneFile:
    """``bring`` it into its part. Raises ``CarrelError`` where no source has it, ``OSError`` of the disk."""

    def __init__(
        self, file: RecipeFile, part: Part, *, sources: Sources, means: Means, meter: Meter, place: Place
    ) -> None:
        self._file = file
        self._part = part
        self._sources = sources
        self._means = means
        self._meter = meter
        self._place = place
        self._forgiven = False
        self._alone = False
        self._tried: set[str] = set()
        self._suspects: set[str] = set()
        """They sent a wrong file together."""

    def bring(self) -> None:
        """When this returns the part is the file."""
        while not self._attempt():
            self._part.clear()

    def _attempt(self) -> bool:
        sources = self._sources.in_order()
        if self._alone:
            sources = [source for source in sources if source.label not in self._tried][:1]
            self._tried.update(source.label for source in sources)
        hasher = Hasher(self._part)
        hasher.start()
        try:
            self._bring(sources, hasher)
            while not hasher.done:
                hasher.wait(LOOK_S)
                self._meter.look(hasher.hashed_bytes)
            self._meter.look(hasher.hashed_bytes, at_once=True)
        except SourceFailed as failure:
            if self._alone and len(self._tried) < len(self._sources.in_order()):
                return False
            raise failure.error from failure
        finally:
            hasher.end()
        if hasher.hexdigest() == self._file.sha256:
            self._convict()
            return True
        self._blame()
        return False

    def _bring(self, sources: Sequence[WeightSource], hasher: Hasher) -> None:
        """From one after another until nothing is missing. The first one's reason is told where none can."""
        first: SourceFailed | None = None
        for source in sources:
            if not self._part.missing():
                return
            try:
                self._bring_from(source, hasher)
            except SourceFailed as failure:
                self._sources.tire(source)
                first = first or failure
        if self._part.missing() and first is not None:
            raise first

    def _bring_from(self, source: WeightSource, hasher: Hasher) -> None:
        place = self._place
        origin = origin_of(
            source, self._file, hub=place.hub, token=place.token, shown=place.passes.get(source.address, "")
        )
        self._meter.comes_from(source.label)
        self._check(source)
        try:
            bring(
                self._part,
                origin,
                self._means,
                label=source.label,
                path=self._file.source_path,
                tell=lambda: self._meter.look(hasher.hashed_bytes),
            )
        except SourceFailed as failure:
            if isinstance(failure.error, NotAllowed | NotFound):
                raise SourceFailed(self._sources.explain(source, self._file, failure.error)) from failure
            raise

    def _check(self, source: WeightSource) -> None:
        try:
            self._sources.check(source, self._file)
        except OutboundFailed:
            return  # the bytes are asked for more patiently
        except CarrelError as error:
            raise SourceFailed(error) from error

    def _blame(self) -> None:
        """The bytes are others. One sender is known for it; of several nobody knows whose were wrong, so that
        each has to bring the whole file alone. What an earlier process had left may have suffered on this
        disk: that is nobody's fault.
        """
        senders, known = self._part.sent_by(self._sources.labels)
        if self._part.resumed_bytes and not self._forgiven:
            self._forgiven = True
        elif len(senders) == 1 and known:
            self._sources.drop(senders[0], self._file)
        else:
            self._alone = True
            self._suspects = set(senders)

    def _convict(self) -> None:
        """Who brought the file alone was not the wrong one of two."""
        others = self._suspects - set(self._part.sent_by(self._sources.labels)[0])
        if len(others) == 1 and len(self._suspects) == 2:
            self._sources.drop(others.pop(), self._file)
