"""The settings of the local network: where other machines reach the box, and how. Part of ``Options``."""

import re
from typing import Annotated, Final

from msgspec import Meta

from appliance.config.alert_options import AlertOptions

_LONGEST_LABEL: Final = 60
"""A label of DNS has 63 characters; one that is taken gets ``-2``."""
_File = Annotated[str, Meta(max_length=4096, pattern=r"^(/[^\x00]*)?\Z")]
_Port = Annotated[int, Meta(ge=1, le=65535)]


class LanOptions(AlertOptions, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The box is on no network until ``lan_host`` is set. ``mdns`` is the host's name unless it is set."""

    lan_host: Annotated[
        str,
        Meta(max_length=45, pattern=r"^([0-9a-fA-F:.]{2,45})?\Z"),
        Meta(description="Address on the local network to listen on, over TLS; on no network if empty."),
    ] = ""
    lan_port: Annotated[_Port, Meta(description="TCP port there, of TLS.")] = 7443
    class_port: Annotated[
        _Port, Meta(description="TCP port of plain HTTP, open only while a class that wants it is open.")
    ] = 7480
    tls_cert_file: Annotated[
        _File,
        Meta(description="File with the certificate and its chain (PEM); the box makes its own if empty."),
    ] = ""
    tls_key_file: Annotated[_File, Meta(description="File with that certificate's key (PEM).")] = ""
    mdns: Annotated[
        str,
        Meta(pattern=r"^([a-z0-9]([a-z0-9-]{0,58}[a-z0-9])?)?\Z"),
        Meta(description="Name on the local network, NAME.local, as one label; none if empty."),
    ] = ""


def one_label(host_name: str) -> str:
    """A host's name as one label: machines find ``lab-01.local``, and few of them ``lab-01.box.local``."""
    first = host_name.lower().split(".", 1)[0]
    label = re.sub(r"[^a-z0-9]+", "-", first)[:_LONGEST_LABEL].strip("-")
    return label if label not in {"", "localhost"} else "carrel"
