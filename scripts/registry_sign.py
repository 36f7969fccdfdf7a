"""Signs leases and countersignatures as a registry does, with a key in a folder: for trials and tests that
need no registry.

    registry_sign.py key FOLDER
    registry_sign.py lease FOLDER --box ID --model MODEL [--days N] [--grace-days N]
    registry_sign.py countersign FOLDER --box ID --model MODEL --grant ID --project P [--days N]

`key` makes the pair; `registry.pem` of it goes into the folder `registry-keys` beside carrel.toml. The others
print a token, which `carrel license lease FILE` and `carrel access countersign FILE` take. The id of the box
is the one of `carrel license leases`, that of the grant stands in `carrel access list`.
"""

import argparse
import secrets
import sys
import time
from pathlib import Path

from cryptography.hazmat.primitives import serialization

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from appliance.federation.protocol.bounds import Confirmation  # noqa: E402
from appliance.federation.protocol.kinds import COUNTERSIGNATURE, LEASE  # noqa: E402
from appliance.federation.protocol.statements import (  # noqa: E402
    CountersignatureClaims,
    LeaseClaims,
)
from appliance.trust.box_key import BoxKey  # noqa: E402 - the repository need not be installed

PRIVATE, PUBLIC = "registry-private.pem", "registry.pem"
DAY_S = 86_400


def make_key(folder: Path) -> Path:
    """Both halves; answers where the public one lies."""
    folder.mkdir(parents=True, exist_ok=True)
    BoxKey.at(folder / PRIVATE)
    private = serialization.load_pem_private_key((folder / PRIVATE).read_bytes(), password=None)
    pem = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    (folder / PUBLIC).write_bytes(pem)
    return folder / PUBLIC


def lease(folder: Path, box: str, model: str, *, life_s: int, grace_s: int) -> str:
    """A token: the box may serve the model."""
    now_s = int(time.time())
    claims = LeaseClaims(
        iss="registry",
        sub=box,
        jti=f"lease-{secrets.token_hex(6)}",
        iat=now_s,
        nbf=now_s,
        exp=now_s + life_s,
        grace_s=grace_s,
        model=model,
        cnf=Confirmation(box),
    )
    return BoxKey.at(folder / PRIVATE).sign(LEASE, claims)


def countersignature(folder: Path, box: str, *, grant: str, project: str, model: str, life_s: int) -> str:
    """A token: the registry agrees with the grant."""
    now_s = int(time.time())
    claims = CountersignatureClaims(
        iss="registry",
        sub=box,
        jti=f"yes-{secrets.token_hex(6)}",
        iat=now_s,
        exp=now_s + life_s,
        grant=grant,
        project=project,
        model=model,
        cnf=Confirmation(box),
    )
    return BoxKey.at(folder / PRIVATE).sign(COUNTERSIGNATURE, claims)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("act", choices=("key", "lease", "countersign"))
    parser.add_argument("folder", type=Path)
    for name in ("box", "model", "grant", "project"):
        parser.add_argument(f"--{name}", default="")
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--grace-days", type=int, default=14)
    given = parser.parse_args()
    life_s = given.days * DAY_S
    if given.act == "key":
        print(make_key(given.folder))
    elif given.act == "lease":
        print(lease(given.folder, given.box, given.model, life_s=life_s, grace_s=given.grace_days * DAY_S))
    else:
        named = {"grant": given.grant, "project": given.project, "model": given.model}
        print(countersignature(given.folder, given.box, **named, life_s=life_s))


if __name__ == "__main__":
    main()
