"""A registry that signs for boxes with a key of its own."""

from dataclasses import dataclass, field
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives import serialization

from appliance.federation.protocol.bounds import Confirmation
from appliance.federation.protocol.kinds import COUNTERSIGNATURE, LEASE
from appliance.federation.protocol.statements import CountersignatureClaims, LeaseClaims
from appliance.trust.box_key import BoxKey


@dataclass
class Registry:
    """Signs for boxes with a key of its own."""

    folder: Path
    key: BoxKey = field(init=False)

    def __post_init__(self):
        self.key = BoxKey.at(self.folder / "registry-private.pem")

    def trusted_in(self, keys: Path):
        """Put the public key where an operator would."""
        keys.mkdir(exist_ok=True)
        private = serialization.load_pem_private_key(
            (self.folder / "registry-private.pem").read_bytes(), password=None
        )
        pem = private.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        (keys / "registry.pem").write_bytes(pem)

    def countersigns(self, box, grant, /, *, now_ms, days=30, **changed):
        now_s = now_ms // 1000
        claims = CountersignatureClaims(
            iss="registry",
            sub=box,
            jti=f"yes-{now_s}-{grant.id}",
            iat=now_s,
            exp=now_s + days * 86_400,
            grant=grant.id,
            project=grant.project,
            model=grant.model,
            cnf=Confirmation(box),
        )
        return self.key.sign(COUNTERSIGNATURE, msgspec.structs.replace(claims, **changed))

    def leases(self, box, model, /, *, now_ms, kind=LEASE, **changed):
        now_s = now_ms // 1000
        claims = LeaseClaims(
            iss="registry",
            sub=box,
            jti=f"lease-{now_s}",
            iat=now_s,
            nbf=now_s,
            exp=now_s + 30 * 86_400,
            grace_s=14 * 86_400,
            model=model,
            cnf=Confirmation(box),
        )
        return self.key.sign(kind, msgspec.structs.replace(claims, **changed))
