"""A download as operators are shown it. Pure."""

from appliance.domain.download import Download, DownloadState
from appliance.domain.results import DownloadStatus


def status_of(download: Download) -> DownloadStatus:
    """All of it."""
    return DownloadStatus(
        id=download.id,
        model=download.model,
        revision=download.revision,
        state=download.state,
        total_bytes=download.total_bytes,
        verified_bytes=download.verified_bytes,
        fetched_bytes=download.fetched_bytes,
        percent=percent_of(download),
        source=download.source,
        reason=download.reason or None,
        error=download.error or None,
        dropped=download.dropped,
        created_ms=download.created_ms,
        updated_ms=download.updated_ms,
        bytes_per_s=download.bytes_per_s,
        eta_s=download.eta_s,
    )


def percent_of(download: Download) -> int:
    """Rounded down; 100 is left to one that is done."""
    if download.state is DownloadState.DONE:
        return 100
    if not download.total_bytes:
        return 0
    return min(99, download.verified_bytes * 100 // download.total_bytes)


def line_of(download: Download) -> str | None:
    """In a few words, for the list of models; None for one that is over."""
    percent = f"{percent_of(download)} %"
    match download.state:
        case DownloadState.RUNNING:
            return f"downloading {percent}"
        case DownloadState.WAITING:
            return f"waits for {'the network' if download.reason else 'its download'}, {percent}"
        case DownloadState.CHECKING:
            return "downloaded, being checked"
        case DownloadState.PAUSED:
            return f"download paused at {percent}"
        case DownloadState.FAILED:
            return f"download failed at {percent}: {download.reason}"
        case _:
            return None
