"""Keys, statements and messages for tests of the protocol: made in memory, signed for real."""

import secrets

import msgspec
from joserfc.jwk import OKPKey

from appliance.federation.protocol.bounds import Confirmation
from appliance.federation.protocol.chain import digest_of, records_digest
from appliance.federation.protocol.checking import Own
from appliance.federation.protocol.kinds import USAGE_BATCH
from appliance.federation.protocol.statements import LeaseClaims, RegistryKey
from appliance.federation.protocol.usage import UsageAck, UsageBatch, UsageRecord
from appliance.trust.box_key import BoxKey
from appliance.trust.canonical import canonical

NOW_S = 1_760_000_000
DAY_S = 86_400


def new_key() -> BoxKey:
    """In no file."""
    return BoxKey(OKPKey.generate_key("Ed25519"))


def new_id(prefix: str) -> str:
    return f"{prefix}_{secrets.token_hex(6)}"


def own(key: BoxKey) -> Own:
    """A box that never had another key."""
    return Own(frozenset({key.public.id}), frozenset({key.public.id}))


def listed(key: BoxKey, *uses: str) -> RegistryKey:
    return RegistryKey(key.public.text, uses or ("statements",))


def lease(box: BoxKey, **changed: object) -> LeaseClaims:
    return msgspec.structs.replace(
        LeaseClaims(
            iss="registry",
            sub=box.public.id,
            jti="lease_0123456789ab",
            iat=NOW_S,
            nbf=NOW_S,
            exp=NOW_S + 30 * DAY_S,
            grace_s=14 * DAY_S,
            model="opt-175b",
            cnf=Confirmation(box.public.id),
        ),
        **changed,
    )


def record(number: int = 0, **changed: object) -> UsageRecord:
    return msgspec.structs.replace(
        UsageRecord(
            id=digest_of(str(number).encode()),
            day="2025-10-09",
            group="0123456789abcdef",
            purpose="research",
            model="demo",
            revision=1,
            file_sha256="a" * 64,
            backend="llama.cpp",
            op="chat",
            requests=12,
            input_tokens=1200,
            output_tokens=600,
            gflop=90_000,
            flop_method="mm-v1",
            credits_micro=90,
            gpu_ms=0,
            wall_ms=4000,
        ),
        **changed,
    )


def batch(box: BoxKey, seq: int, prev: str = "", *, epoch: int = 1, **changed: object) -> UsageBatch:
    records = changed.pop("records", (record(epoch * 1000 + seq),))
    return msgspec.structs.replace(
        UsageBatch(
            box=box.public.id,
            jti=new_id("msg"),
            iat=NOW_S,
            epoch=epoch,
            seq=seq,
            prev=prev,
            first_day="2025-10-09",
            last_day="2025-10-09",
            records=records,
            records_sha256=records_digest(records),
        ),
        **changed,
    )


def digest(value: msgspec.Struct) -> str:
    return digest_of(canonical(value))


def chain(box: BoxKey, length: int, *, epoch: int = 1, prev: str = "") -> list[UsageBatch]:
    """So many batches, each after the one before."""
    made: list[UsageBatch] = []
    for seq in range(1, length + 1):
        made.append(batch(box, seq, prev, epoch=epoch))
        prev = digest(made[-1])
    return made


def token(key: BoxKey, one: UsageBatch) -> str:
    return key.sign(USAGE_BATCH, one)


def ack(sub: str, *, epoch: int, seq: int, head: str, iat: int = NOW_S) -> UsageAck:
    return UsageAck(iss="registry", sub=sub, jti=new_id("ack"), iat=iat, epoch=epoch, seq=seq, head=head)
