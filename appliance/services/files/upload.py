"""One file on its way in."""

from collections import Counter

from appliance.domain.clock import Clock
from appliance.domain.files import Holdings, StoredFile
from appliance.domain.people import Owner
from appliance.services.files.limits import FileLimits, label_of, too_large, too_much
from appliance.services.files.ports import Draft, Files


class Upload:
    """What ``FileService.uploading`` gives. Whatever is not kept leaves nothing behind."""

    def __init__(
        self,
        *,
        file_id: str,
        owner: Owner,
        draft: Draft,
        files: Files,
        clock: Clock,
        limits: FileLimits,
        had: Holdings,
        arriving: "Counter[str]",
    ) -> None:
        self._file_id = file_id
        self._owner = owner
        self._draft = draft
        self._files = files
        self._clock = clock
        self._limits = limits
        self._had = had
        self._arriving = arriving

    async def write(self, data: bytes) -> None:
        """More of the content. Raises ``BodyTooLarge``, ``StorageUnavailable``."""
        if self._draft.size_bytes + len(data) > self._limits.file_bytes:
            raise too_large(self._limits.file_bytes)
        if self._had.size_bytes + self._arriving[self._owner.holder] + len(data) > self._limits.person_bytes:
            raise too_much(self._limits.person_bytes)
        self._arriving[self._owner.holder] += len(data)
        await self._draft.write(data)

    async def keep(self, *, name: str, purpose: str, lives_s: int | None = None) -> StoredFile:
        """It is whole: put it in its place and remember it. Raises ``BadRequest``, ``StorageUnavailable``."""
        now_ms = self._clock.now_ms()
        file = StoredFile(
            id=self._file_id,
            holder=self._owner.holder,
            name=label_of(name),
            purpose=purpose,
            size_bytes=self._draft.size_bytes,
            created_ms=now_ms,
            expires_ms=now_ms + self._limits.lifetime_ms(lives_s),
            project_id=self._owner.project_id,
        )
        await self._draft.seal()
        await self._files.add(file)
        return file
