"""The settings of alerts: who is told, and how. Part of ``Options``."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

MailAddress = Annotated[
    str,
    Meta(max_length=254, pattern=r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\Z"),
]
_File = Annotated[str, Meta(max_length=4096, pattern=r"^(/[^\x00]*)?\Z")]


class AlertOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Alerts go nowhere until a mail server with people to write to, or a webhook, is set."""

    alert_level: Annotated[
        Literal["note", "warn", "urgent"], Meta(description="Lowest level of alerts that are sent.")
    ] = "note"
    alert_mail_to: Annotated[
        tuple[MailAddress, ...], Meta(description="Who gets alerts by mail, such as admin@lab.example.")
    ] = ()
    alert_mail_from: Annotated[
        str,
        Meta(max_length=254, pattern=r"^([A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+)?\Z"),
        Meta(description="Sender of alerts; the first of `alert_mail_to` if empty."),
    ] = ""
    smtp_host: Annotated[
        str,
        Meta(max_length=253, pattern=r"^([A-Za-z0-9.:\[\]_-]+)?\Z"),
        Meta(description="Mail server that alerts go through; no mail if empty."),
    ] = ""
    smtp_port: Annotated[int, Meta(ge=1, le=65535), Meta(description="TCP port of the mail server.")] = 587
    smtp_tls: Annotated[
        Literal["starttls", "tls", "off"],
        Meta(description="How mail is encrypted on its way: starttls, tls from the first byte, or off."),
    ] = "starttls"
    smtp_user: Annotated[
        str,
        Meta(max_length=254, pattern=r"^[!-~]*\Z"),
        Meta(description="User of the mail server; none if empty."),
    ] = ""
    smtp_password_file: Annotated[
        _File, Meta(description="File with that user's password; none if empty.")
    ] = ""
    alert_webhook: Annotated[
        str,
        Meta(
            max_length=500,
            pattern=r"^(https?://([a-z0-9.-]+|\[[0-9a-f:]+\])(:[0-9]{1,5})?(/[A-Za-z0-9._~/-]*)?)?\Z",
        ),
        Meta(description="Address that is told of alerts in JSON, such as https://lab.example/hook."),
    ] = ""
    alert_webhook_secret_file: Annotated[
        _File, Meta(description="File with the secret that signs what the webhook is told; none if empty.")
    ] = ""
    alert_waiting_hours: Annotated[
        int,
        Meta(ge=0, le=8760),
        Meta(description="Hours after which a person who waits for a decision is an alert; 0 means never."),
    ] = 24
    alert_disk_mib: Annotated[
        int,
        Meta(ge=0, le=2**40),
        Meta(description="Free space, in MiB, below which a disk is an alert; 0 means never."),
    ] = 2048
