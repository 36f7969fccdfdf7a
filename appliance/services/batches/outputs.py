"""Writes the two files of a batch whose lines have their ends: answers in one, errors in the other."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Final

import msgspec

from appliance.domain.batches import Batch, BatchStatus, LineAnswer
from appliance.domain.files import PURPOSE_BATCH_OUTPUT, StoredFile
from appliance.services.batches.checking import read_head
from appliance.services.batches.lines import lines_of
from appliance.services.batches.recording import LineName
from appliance.services.batches.tools import Tools
from appliance.services.files import Draft
from appliance.services.files.files import new_file_id

WRITE_BYTES: Final = 256 * 1024
PAGE_LINES: Final = 64
_NOT_ANSWERED: Final = {
    BatchStatus.EXPIRED: ("batch_expired", "The batch's time was over before this line was answered."),
    BatchStatus.CANCELLED: ("batch_cancelled", "The batch was cancelled before this line was answered."),
    BatchStatus.FAILED: ("batch_failed", "The batch was stopped before this line was answered."),
}


class _Response(msgspec.Struct, frozen=True):
    status_code: int
    request_id: str
    body: msgspec.Raw


class _Error(msgspec.Struct, frozen=True):
    code: str
    message: str


class _OutputLine(msgspec.Struct, frozen=True):
    id: str
    custom_id: str
    response: _Response | None
    error: _Error | None


async def write_files(batch: Batch, tools: Tools) -> tuple[StoredFile | None, StoredFile | None]:
    """The output file and the error file, each None where it would be empty; on the disk, and not remembered
    yet. Raises ``StorageUnavailable``.
    """
    async with AsyncExitStack() as drafts:
        answers, errors = _Output(batch, tools, drafts, "output"), _Output(batch, tools, drafts, "errors")
        async for line, succeeded in _output_lines(batch, tools):
            await (answers if succeeded else errors).write(line)
        return await answers.seal(), await errors.seal()


class _Output:
    def __init__(self, batch: Batch, tools: Tools, drafts: AsyncExitStack, kind: str) -> None:
        self._tools = tools
        self._drafts = drafts
        self._draft: Draft | None = None
        self._buffer = bytearray()
        now_ms = tools.clock.now_ms()
        self._file = StoredFile(
            id=new_file_id(),
            holder=batch.caller.holder,
            name=f"{batch.id}_{kind}.jsonl",
            purpose=PURPOSE_BATCH_OUTPUT,
            size_bytes=0,
            created_ms=now_ms,
            expires_ms=now_ms + tools.file_ms,
            project_id=batch.caller.project_id,
        )

    async def write(self, line: bytes) -> None:
        self._buffer += line + b"\n"
        if len(self._buffer) >= WRITE_BYTES:
            await self._flush()

    async def seal(self) -> StoredFile | None:
        await self._flush()
        if self._draft is None:
            return None
        await self._draft.seal()
        return replace(self._file, size_bytes=self._draft.size_bytes)

    async def _flush(self) -> None:
        if not self._buffer:
            return
        if self._draft is None:
            self._draft = await self._drafts.enter_async_context(self._tools.shelf.writing(self._file.id))
        await self._draft.write(bytes(self._buffer))
        self._buffer.clear()


async def _output_lines(batch: Batch, tools: Tools) -> AsyncIterator[tuple[bytes, bool]]:
    """In the order of the input. A line without an end has one now."""
    answers = _answers(batch, tools)
    answer = await anext(answers, None)
    async for raw in lines_of(tools.shelf, batch.input_file_id, tools.most_line_bytes):
        if answer is not None and answer.line == raw.number:
            yield msgspec.json.encode(_of_answer(answer)), answer.succeeded
            answer = await anext(answers, None)
        elif batch.ending in _NOT_ANSWERED and raw.text is not None:
            name = LineName(batch.id, raw.number, read_head(raw.text).custom_id)
            error = _Error(*_NOT_ANSWERED[batch.ending])
            yield msgspec.json.encode(_OutputLine(_id(name.request_id), name.custom_id, None, error)), False


async def _answers(batch: Batch, tools: Tools) -> AsyncIterator[LineAnswer]:
    last = 0
    while page := await tools.batches.lines(batch.id, after=last, limit=PAGE_LINES):
        for one in page:
            yield one
        last = page[-1].line


def _of_answer(answer: LineAnswer) -> _OutputLine:
    response = _Response(answer.status, answer.request_id, msgspec.Raw(answer.body))
    return _OutputLine(_id(answer.request_id), answer.custom_id, response, None)


def _id(request_id: str) -> str:
    return f"batch_{request_id}"
