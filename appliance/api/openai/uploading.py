"""The multipart form of ``POST /v1/files``, written to the disk while it comes.

Parts may come in any order; the content is never in memory as a whole.
"""

from dataclasses import dataclass, field
from typing import Final

from litestar.types import HTTPScope, Receive
from multipart import MultipartError, MultipartSegment, PushMultipartParser, parse_options_header

from appliance.domain.files import PURPOSE_BATCH, StoredFile
from appliance.edge.uploads import UploadLimits, upload_chunks
from appliance.errors import BadRequest
from appliance.services.files import Upload

WRITE_BYTES: Final = 256 * 1024
MOST_PARTS: Final = 16
MOST_FIELD_BYTES: Final = 1024
_ANCHOR: Final = "created_at"
_KNOWN: Final = frozenset({"purpose", "expires_after[anchor]", "expires_after[seconds]"})


async def receive_file(
    scope: HTTPScope, receive: Receive, upload: Upload, limits: UploadLimits
) -> StoredFile:
    """Read the form into ``upload`` and keep it. Raises ``BadRequest``, and what either side raises."""
    parser = PushMultipartParser(
        _boundary(scope), max_segment_count=MOST_PARTS, max_header_size=4096, strict=True
    )
    form = _Form(upload)
    async for chunk in upload_chunks(scope, receive, limits):
        for event in _events(parser, chunk):
            await form.take(event)
    _events(parser, b"")
    return await form.keep()


def _events(parser: PushMultipartParser, chunk: bytes) -> list[MultipartSegment | bytes | None]:
    try:
        return list(parser.parse(chunk))
    except MultipartError:
        raise BadRequest("The body is not a whole multipart form; send it again.", param="file") from None


def _boundary(scope: HTTPScope) -> str:
    given = [value for name, value in scope["headers"] if name == b"content-type"]
    kind, options = parse_options_header(given[0].decode("latin-1")) if given else ("", {})
    boundary = options.get("boundary", "")
    if kind != "multipart/form-data" or not 0 < len(boundary) <= 200:
        raise BadRequest("Send the file as multipart/form-data, with the parts `purpose` and `file`.")
    return str(boundary)


@dataclass(slots=True)
class _Form:
    upload: Upload
    name: str | None = None
    fields: dict[str, bytes] = field(default_factory=dict)
    _part: str = ""
    _buffer: bytearray = field(default_factory=bytearray)

    async def take(self, event: MultipartSegment | bytes | None) -> None:
        if isinstance(event, MultipartSegment):
            self._begin(event)
        elif event is None:
            await self._end()
        else:
            self._buffer += event
            if self._part == "file" and len(self._buffer) >= WRITE_BYTES:
                await self._flush()
            elif self._part != "file" and len(self._buffer) > MOST_FIELD_BYTES:
                raise BadRequest(f"A part may have {MOST_FIELD_BYTES} bytes, but for the file.")

    async def keep(self) -> StoredFile:
        """All parts have come."""
        if self.name is None:
            raise BadRequest("`file` is missing.", param="file")
        purpose = self.fields.get("purpose", b"").decode("utf-8", "replace")
        if purpose != PURPOSE_BATCH:
            raise BadRequest(f'`purpose` must be "{PURPOSE_BATCH}".', param="purpose")
        return await self.upload.keep(name=self.name, purpose=purpose, lives_s=self._lives_s())

    def _begin(self, segment: MultipartSegment) -> None:
        self._part = segment.name or ""
        if self._part == "file":
            if self.name is not None:
                raise BadRequest("Send one file.", param="file")
            self.name = segment.filename or ""

    async def _end(self) -> None:
        if self._part == "file":
            await self._flush()
        elif self._part in _KNOWN:
            self.fields[self._part] = bytes(self._buffer)
        self._buffer.clear()

    async def _flush(self) -> None:
        if self._buffer:
            await self.upload.write(bytes(self._buffer))
            self._buffer.clear()

    def _lives_s(self) -> int | None:
        anchor, seconds = self.fields.get("expires_after[anchor]"), self.fields.get("expires_after[seconds]")
        if anchor is None and seconds is None:
            return None
        if anchor != _ANCHOR.encode() or seconds is None or not seconds.isdigit() or len(seconds) > 12:
            raise BadRequest(
                f'`expires_after` must have the anchor "{_ANCHOR}" and a whole number of seconds.',
                param="expires_after",
            )
        return int(seconds)
