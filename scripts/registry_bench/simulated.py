"""A thousand boxes that report a few sums each day, signed for real. What they sign is written faster than
the product writes it, and compared with it once.
"""

import base64
import hashlib
import random
import secrets
from dataclasses import dataclass, field

import msgspec
from joserfc.jwk import OKPKey

from appliance.federation.protocol import kinds
from appliance.federation.protocol.chain import records_digest
from appliance.federation.protocol.messages import Enroll
from appliance.federation.protocol.usage import UsageBatch, UsageRecord
from appliance.trust.box_key import BoxKey
from appliance.trust.canonical import canonical

MODELS = (
    "llama-3.1-8b-instruct",
    "opt-175b",
    "bloom-7b1",
    "phi-4",
    "qwen2.5-7b",
    "olmo-2-13b",
    "demo",
    "gemma-2",
)
GROUPS = ("other", "0123456789abcdef", "fedcba9876543210")


class _Records(msgspec.Struct, frozen=True):
    records: tuple[UsageRecord, ...]


def fast(value: msgspec.Struct) -> bytes:
    """Canonical JSON of what holds whole numbers and ASCII alone."""
    return msgspec.json.encode(value, order="sorted")


@dataclass
class SimulatedBox:
    """``chance`` makes the same box each time."""

    number: int
    jwk: OKPKey = field(default_factory=lambda: OKPKey.generate_key("Ed25519"))
    seq: int = 0
    head: str = ""

    def __post_init__(self) -> None:
        self.key = BoxKey(self.jwk)
        self.id = self.key.public.id
        self.chance = random.Random(self.number)
        self.models = self.chance.sample(MODELS, 3)
        header = {"alg": "Ed25519", "typ": kinds.USAGE_BATCH,
                  "jwk": {"kty": "OKP", "crv": "Ed25519", "x": self.key.public.text}}  # fmt: skip
        self._header = _b64(msgspec.json.encode(header))
        self._private = self.jwk.private_key

    def enroll(self, code: str, now_s: int) -> str:
        """Its first message."""
        message = Enroll(
            box=self.id, jti=f"msg_{secrets.token_hex(6)}", iat=now_s, code=code, name=f"box {self.number}",
            software="carrel 1.0", sealing_key=self.key.public.text,
        )  # fmt: skip
        return self.key.sign(kinds.ENROLL, message)

    def report(self, day: str, now_s: int, records: int) -> str:
        """The next link of its chain."""
        made = tuple(self._record(day, place) for place in range(records))
        digest = hashlib.sha256(fast(_Records(made))).hexdigest()
        batch = UsageBatch(
            box=self.id, jti=f"msg_{secrets.token_hex(6)}", iat=now_s, epoch=1, seq=self.seq + 1,
            prev=self.head, first_day=day, last_day=day, records=made, records_sha256=digest,
            merkle_root="a" * 64, leaves=500, software="carrel 1.0",
        )  # fmt: skip
        payload = fast(batch)
        if self.seq == 0:
            assert payload == canonical(batch)
            assert digest == records_digest(made)
        self.seq, self.head = batch.seq, hashlib.sha256(payload).hexdigest()
        signed = f"{self._header}.{_b64(payload)}"
        return f"{signed}.{_b64(self._private.sign(signed.encode()))}"

    def _record(self, day: str, place: int) -> UsageRecord:
        requests = self.chance.randrange(1, 3000)
        return UsageRecord(
            id=secrets.token_hex(32), day=day, group=GROUPS[place % 3], purpose="research",
            model=self.models[place % 3], revision=1, file_sha256="b" * 64, backend="llama.cpp", op="chat",
            requests=requests, input_tokens=requests * 700, output_tokens=requests * 200,
            gflop=requests * 14_000, flop_method="mm-v1", credits_micro=requests * 14_000,
            gpu_ms=requests * 900, wall_ms=requests * 2_000, users=self.chance.choice((0, 0, 12, 25)),
        )  # fmt: skip


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
