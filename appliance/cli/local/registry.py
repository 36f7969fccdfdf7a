"""`carrel registry`: serves a registry, publishes its catalog, answers sticks, lets boxes in and tells them
things.
"""

import asyncio
from pathlib import Path
from typing import Final

from appliance.catalog.writing import write_whole
from appliance.cli.desk import Desk
from appliance.cli.local import registry_counting as counting
from appliance.cli.local.registry_founding import init
from appliance.cli.passphrases import ask_passphrase
from appliance.cli.registry_folder import folder_of, office, opened
from appliance.domain.results import (
    RegistryAct,
    RegistryActs,
    RegistryCode,
    RegistryExchanged,
    RegistryPublished,
    RegistryTold,
    RegistryToldBox,
    Stopped,
)
from appliance.errors import ConfigInvalid
from appliance.federation.bundling.reading import read_outgoing
from appliance.federation.bundling.writing import write_incoming
from appliance.federation.protocol.enroll_code import EnrollCode, write_code
from appliance.federation.protocol.replies import Problem, Reply
from appliance.registry.operating.acts import list_acts
from appliance.registry.operating.boxes import make_code
from appliance.registry.operating.exchanging import exchange as answer
from appliance.registry.operating.finding import find_box
from appliance.registry.operating.notices import EVERY_BOX, reset_time, send_notice
from appliance.registry.publishing.taking_over import Signing, take_over
from appliance.registry.setting_up.folder import RegistryFolder
from appliance.registry.setting_up.settings import read_settings
from appliance.wiring.registry import now

_DAY_S: Final = 86_400


def serve(desk: Desk, *, at: str | None) -> Stopped:
    """Until it is told to stop. Raises what keeps it from starting."""
    from appliance.wiring.registry_serving import serve_registry  # noqa: PLC0415 - litestar takes its time

    asyncio.run(serve_registry(folder_of(desk, at)))
    return Stopped(stopped=True)


def publish(desk: Desk, *, at: str | None, signing: str | None) -> RegistryPublished:
    """Raises ``NotFound``, ``Conflict``, ``IntegrityFailed``, ``NotAllowed``, ``StorageUnavailable``."""
    folder = RegistryFolder(folder_of(desk, at))
    settings = read_settings(folder)
    where = Path(signing).absolute() if signing else folder.signing
    done = take_over(folder, Signing(where, ask_passphrase(desk), now), settings.name)
    return RegistryPublished(
        files=done.files,
        new_keys=done.new_keys,
        root_until_ms=done.root_expires_ms,
        targets_until_ms=done.targets_expires_ms,
    )


def exchange(desk: Desk, *, at: str | None, file: str, out: str) -> RegistryExchanged:
    """Raises ``ConfigInvalid``, ``BadRequest``, ``NotFound``, ``StorageUnavailable``."""
    brought = read_outgoing(Path(file))
    with opened(desk, at) as registry:
        done = answer(registry.office, registry.desk, registry.signers, brought)
        write_incoming(Path(out), done.replies, done.mailbox, registry.folder.tuf)
    taken = [reply for _, reply in done.replies if isinstance(reply, Reply)]
    return RegistryExchanged(
        box=brought.facts.box,
        taken=len(taken),
        duplicates=sum(reply.duplicate for reply in taken),
        refused=tuple(f"{jti}: {one.title}" for jti, one in done.replies if isinstance(one, Problem)),
        items=sum(len(reply.items) for reply in (*taken, *([done.mailbox] if done.mailbox else []))),
        file=out,
    )


def code(
    desk: Desk, *, at: str | None, institution: str, organization: str | None, days: int, out: str | None
) -> RegistryCode:
    """Raises ``NotFound``, ``BadRequest``, ``ConfigInvalid``, ``StorageUnavailable``."""
    with opened(desk, at) as registry:
        secret = make_code(
            registry.office, institution=institution, organization=organization or "", life_s=days * _DAY_S
        )
        text = write_code(
            EnrollCode(
                registry=registry.settings.name,
                address=registry.settings.address,
                root_sha256=registry.about.root_sha256,
                code=secret,
                plain_http=registry.settings.plain_http,
            )
        )
        until_s = registry.office.now_s + days * _DAY_S
    if out:
        _write(Path(out), text)
    return RegistryCode(
        text=text,
        institution=institution,
        organization=organization or "",
        until_ms=until_s * 1000,
        file=out or "",
    )


def notice(desk: Desk, *, at: str | None, box: str, words: str) -> RegistryTold:
    """Raises ``NotFound``, ``BadRequest``, ``StorageUnavailable``."""
    with office(desk, at) as here:
        to = box if box == EVERY_BOX else find_box(here, box).id
        readers = send_notice(here, to, words)
    return RegistryTold(
        what="notice", boxes=tuple(RegistryToldBox(box=one.id, name=one.name) for one in readers)
    )


def time(desk: Desk, *, at: str | None, box: str) -> RegistryTold:
    """Raises ``NotFound``, ``BadRequest``, ``StorageUnavailable``."""
    with office(desk, at) as here:
        found = find_box(here, box)
        reset_time(here, found.id)
    return RegistryTold(what="time", boxes=(RegistryToldBox(box=found.id, name=found.name),))


def audit(desk: Desk, *, at: str | None, most: int) -> RegistryActs:
    """Raises ``NotFound``, ``StorageUnavailable``."""
    with office(desk, at) as here:
        rows = list_acts(here, most)
    return RegistryActs(
        acts=tuple(
            RegistryAct(
                number=one.number,
                at_ms=one.at_s * 1000,
                actor=one.actor,
                act=one.act,
                about=one.about,
                words=one.words,
            )
            for one in rows
        )
    )


def _write(path: Path, text: str) -> None:
    try:
        write_whole(path, f"{text}\n".encode(), 0o600)
    except OSError as error:
        raise ConfigInvalid(f"{path.name} cannot be written ({error.strerror}).", param="out") from error


HANDLERS: Final = {
    "init": init,
    "serve": serve,
    "publish": publish,
    "exchange": exchange,
    "audit": audit,
    "code": code,
    "notice": notice,
    "time": time,
    **counting.HANDLERS,
}
