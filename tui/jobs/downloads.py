"""Downloads as rows: how much is verified, how fast, when it ends, and why not. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from appliance.domain.results import DownloadStatus, ModelFile
from tui.parts.bars import gauge
from tui.parts.cells import Cell, cell, clock, duration, size, state
from tui.parts.rows import Row
from tui.parts.widths import Column

COLUMNS: Final = (
    Column("MODEL", share=2, least=12),
    Column("STATE", 11),
    Column("VERIFIED", 11),
    Column("", 5, right=True),
    Column("SIZE", 9, right=True, from_width=70),
    Column("SPEED", 11, right=True, from_width=66),
    Column("LEFT", 10, right=True, from_width=56),
    Column("FROM", from_width=100, share=1, least=12),
)
_BAR: Final = 11
_ORDER: Final = ("running", "checking", "waiting", "failed", "paused", "done", "cancelled")
UNDER_WAY: Final = frozenset({"running", "checking", "waiting"})
UNFINISHED: Final = UNDER_WAY | {"failed", "paused"}


class Progress:
    """What was verified stays verified: a number that the box told once is never shown smaller again."""

    def __init__(self) -> None:
        self._most: Mapping[str, int] = {}

    def take(self, downloads: Iterable[DownloadStatus]) -> Mapping[str, int]:
        """Percent by id, of those that are listed now."""
        self._most = {one.id: max(one.percent, self._most.get(one.id, 0)) for one in downloads}
        return self._most


def in_order(downloads: Iterable[DownloadStatus]) -> list[DownloadStatus]:
    """What goes on first, what is over last."""
    return sorted(downloads, key=lambda one: (_place(one.state), one.created_ms, one.id))


def _place(word: str) -> int:
    return _ORDER.index(word) if word in _ORDER else len(_ORDER)


def rows_of(
    downloads: Iterable[DownloadStatus], percents: Mapping[str, int], *, ascii_only: bool
) -> list[Row]:
    """One row each, in their order."""
    return [
        Row(
            one.id,
            (
                cell(one.model, "strong"),
                state(one.state, ascii_only=ascii_only),
                *bar(_shown(one, percents), ascii_only=ascii_only),
                cell(size(one.total_bytes)),
                cell("-" if one.bytes_per_s is None else f"{size(one.bytes_per_s)}/s"),
                cell("-" if one.eta_s is None else duration(one.eta_s)),
                cell(one.source or "-", "quiet"),
            ),
            one,
        )
        for one in in_order(downloads)
    ]


def _shown(download: DownloadStatus, percents: Mapping[str, int]) -> int | None:
    """What came of one that was given up is deleted."""
    return None if download.state == "cancelled" else percents.get(download.id, download.percent)


def bar(percent: int | None, *, ascii_only: bool) -> tuple[Cell, Cell]:
    """A gauge, and its number for the column after it."""
    drawn = gauge((percent or 0) / 100, _BAR, ascii_only)
    return cell("".join(one.text for one in drawn)), cell("-" if percent is None else f"{percent} %")


def why(download: DownloadStatus) -> Cell:
    """In words, why it stands where it stands."""
    if download.reason:
        return cell(download.reason, "bad" if download.state == "failed" else "warn")
    words = {
        "running": f"It comes from {download.source or 'somewhere'}; what is verified stays so.",
        "checking": "All bytes are here and verified; somebody looks inside.",
        "waiting": "Another download goes before it: they share one link and one disk.",
        "done": "It is on this box: screen 2 runs it.",
        "cancelled": "It was given up, and what came of it is deleted.",
    }
    return cell(words.get(download.state, ""), "quiet")


def pairs(
    download: DownloadStatus, percent: int, files: Sequence[ModelFile] | None
) -> list[tuple[str, Cell | str]]:
    """All that is known of one; ``files`` None while nobody knows them."""
    verified = f"{size(download.verified_bytes)} of {size(download.total_bytes)} ({percent} %)"
    made: list[tuple[str, Cell | str]] = [
        ("model", f"{download.model}, recipe revision {download.revision}"),
        ("download", download.id),
        ("state", state(download.state)),
        ("why", why(download)),
        ("verified", verified),
        ("fetched", f"{size(download.fetched_bytes)} over the network"),
        ("from", download.source or "-"),
    ]
    if download.bytes_per_s is not None:
        made.append(("speed", f"{size(download.bytes_per_s)}/s"))
    if download.eta_s is not None:
        made.append(("left", duration(download.eta_s)))
    made += [("dropped", f"{one} served other bytes than the recipe says") for one in download.dropped]
    made.append(("since", f"{clock(download.created_ms)} UTC"))
    for number, one in enumerate(files or ()):
        here = "verified" if one.present else "not yet"
        made.append(("files" if not number else "", f"{here}: {one.name}, {size(one.size_bytes)}"))
    return made
