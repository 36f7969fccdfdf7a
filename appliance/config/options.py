"""Every setting: its name, type, bounds, default and the sentence that explains it.

This struct is the whole contract: the TOML file is decoded into it, ``CARREL_<NAME>`` and the flags are named
after it, and ``config get`` prints its descriptions.
"""

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from appliance.config.alert_options import AlertOptions
from appliance.config.lan_options import LanOptions

Timeout = Annotated[float, Meta(gt=0, le=3600)]
Origin = Annotated[
    str, Meta(max_length=300, pattern=r"^https?://([a-z0-9.-]+|\[[0-9a-f:]+\])(:[0-9]{1,5})?\Z")
]
Alias = Annotated[
    str,
    Meta(
        max_length=230,
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/-]{0,126}=[a-z0-9._-]{1,80}(@[a-z0-9]{1,16})?\Z",
    ),
]
Access = Literal["key", "loopback", "open", "off"]
HostName = Annotated[str, Meta(min_length=1, max_length=253, pattern=r"^[A-Za-z0-9.:\[\]_-]+\Z")]


def _says(text: str) -> Meta:
    return Meta(description=text)


class Options(LanOptions, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What an operator can set. Units are in the names."""

    host: Annotated[HostName, _says("Address to listen on.")] = "127.0.0.1"
    port: Annotated[int, Meta(ge=1, le=65535), _says("TCP port of the API.")] = 7411
    allowed_hosts: Annotated[
        tuple[HostName, ...],
        _says("Names, beside loopback and `host`, under which clients reach the box (Host header)."),
    ] = ()
    models_dir: Annotated[
        str, Meta(max_length=4096, pattern=r"^(/[^\x00]*)?\Z"), _says("Absolute folder of the model files.")
    ] = ""
    run_demo: Annotated[bool, _says("Serve the bundled demo model.")] = False
    worker_threads: Annotated[
        int, Meta(ge=0, le=1024), _says("Threads of one worker; 0 means all cores but one.")
    ] = 0
    gpu_layers: Annotated[
        int, Meta(ge=-1, le=100_000), _says("Model layers to put on GPUs; -1 means all.")
    ] = -1
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"], _says("Lowest level that is logged.")
    ] = "info"
    log_to_terminal: Annotated[bool, _says("Log to standard error too, beside the log file.")] = True
    queue_limit: Annotated[int, Meta(ge=1, le=100_000), _says("Most requests that may wait.")] = 256
    queue_timeout_s: Annotated[Timeout, _says("Longest time that a request waits for its turn.")] = 300.0
    batch_timeout_s: Annotated[
        float, Meta(gt=0, le=604_800), _says("The same for requests of the batch class.")
    ] = 86_400.0
    person_running_limit: Annotated[
        int, Meta(ge=1, le=100_000), _says("Most requests of one person that are computed at once.")
    ] = 32
    person_waiting_limit: Annotated[
        int, Meta(ge=1, le=100_000), _says("Most requests of one person that may wait.")
    ] = 64
    requests_per_minute: Annotated[
        int, Meta(ge=0, le=10**9), _says("Most requests of one person per minute; 0 means without limit.")
    ] = 6000
    tokens_per_minute: Annotated[
        int,
        Meta(ge=0, le=10**12),
        _says("Most tokens of one person per minute, of prompts and answers; 0 means without limit."),
    ] = 6_000_000
    moderation_model: Annotated[
        str,
        Meta(pattern=r"^([a-z0-9][a-z0-9._-]{0,79}(@[a-z0-9]{1,16})?)?\Z"),
        _says("Guard model that answers /v1/moderations; none if empty."),
    ] = ""
    guard_percent: Annotated[
        int,
        Meta(ge=0, le=100),
        _says("Of prompts that such a model looks at afterward, in percent; it stops nobody."),
    ] = 0
    upstreams: Annotated[
        bool, _says("Use models that are hosted elsewhere; prompts to them leave the box.")
    ] = False
    offline: Annotated[bool, _says("Ask nobody outside of the box, whatever else is set.")] = False
    exam: Annotated[bool, _says("An exam: models that are hosted elsewhere are off.")] = False
    catalog_refresh_hours: Annotated[
        int, Meta(ge=0, le=8760), _says("Hours between two looks at signed catalogs; 0 means never.")
    ] = 24
    proxy: Annotated[
        str,
        Meta(max_length=300, pattern=r"^(https?://([a-z0-9.-]+|\[[0-9a-f:]+\])(:[0-9]{1,5})?)?\Z"),
        _says("HTTP proxy on the way to other machines, such as http://proxy.lab:3128; none if empty."),
    ] = ""
    ca_file: Annotated[
        str,
        Meta(max_length=4096, pattern=r"^(/[^\x00]*)?\Z"),
        _says("File with more certificates (PEM) to trust on the way to other machines; none if empty."),
    ] = ""
    sync_hours: Annotated[
        int,
        Meta(ge=0, le=720),
        _says("Hours between two syncs with the registry; 0 means only by `carrel fed sync`."),
    ] = 6
    share_weights: Annotated[
        bool, _says("Give the files of models that this lab shares to boxes of other labs.")
    ] = False
    hub: Annotated[
        str,
        Meta(
            max_length=300,
            pattern=r"^https?://([a-z0-9.-]+|\[[0-9a-f:]+\])(:[0-9]{1,5})?(/[A-Za-z0-9._/-]*)?\Z",
        ),
        _says("Hub that models are pulled from, or a mirror of it that speaks the same API."),
    ] = "https://huggingface.co"
    hub_token_file: Annotated[
        str,
        Meta(max_length=4096, pattern=r"^(/[^\x00]*)?\Z"),
        _says("File with the hub's token of the account that asks for gated models; none if empty."),
    ] = ""
    download_connections: Annotated[int, Meta(ge=1, le=16), _says("Connections of one download.")] = 4
    download_mib_s: Annotated[
        int, Meta(ge=0, le=1_000_000), _says("Most MiB a second of all downloads; 0 means without limit.")
    ] = 0
    plain_http: Annotated[
        Literal["classes", "all"],
        _says("Whose keys are taken in the clear: those of classes that are open for it, or all."),
    ] = "classes"
    aliases: Annotated[
        tuple[Alias, ...], _says("Other names of models, such as gpt-4o-mini=handbook-tiny.")
    ] = ()
    cors_origins: Annotated[
        tuple[Origin, ...], _says("Origins of web pages that may use the API from a browser.")
    ] = ()
    docs_access: Annotated[Access, _says("Who may read /docs and /openapi.json.")] = "open"
    metrics_access: Annotated[Access, _says("Who may read /metrics.")] = "key"
    gpus: Annotated[
        str,
        Meta(pattern=r"^(none|[0-9]{1,3}(-[0-9]{1,3})?(,[0-9]{1,3}(-[0-9]{1,3})?)*)?\Z"),
        _says("GPUs that Carrel may use, such as 0-3,6; none for no GPU; all if empty."),
    ] = ""
    worker_memory_mib: Annotated[
        int,
        Meta(ge=0, le=2**30),
        _says("Memory at which a worker is ended, in MiB; 0 means by the plan of its model."),
    ] = 0
    worker_user: Annotated[
        str,
        Meta(pattern=r"^[a-z_][a-z0-9_-]{0,31}\Z"),
        _says("User that workers run as when Carrel runs as root."),
    ] = "nobody"
    networked_workers: Annotated[
        bool, _says("Run forms that compute on several machines; their workers keep the network.")
    ] = False
    ray_address: Annotated[
        str,
        Meta(max_length=300, pattern=r"^(([A-Za-z0-9.-]+|\[[0-9a-f:]+\]):[0-9]{1,5})?\Z"),
        _says("Ray cluster that such workers compute on, such as 10.0.0.1:6379; none if empty."),
    ] = ""
    body_limit_bytes: Annotated[
        int, Meta(ge=1024, le=64 * 1024 * 1024), _says("Largest request body, in bytes.")
    ] = 1024 * 1024
    file_limit_bytes: Annotated[
        int, Meta(ge=1024, le=2**40), _says("Largest file that may be sent, in bytes.")
    ] = 100 * 1024 * 1024
    file_days: Annotated[int, Meta(ge=1, le=3650), _says("Days after which a file is deleted.")] = 30
    sample_content_days: Annotated[
        int,
        Meta(ge=1, le=365),
        _says("Days after which prompts and answers that people agreed to show reviewers are deleted."),
    ] = 30
    usage_days: Annotated[
        int, Meta(ge=1, le=3650), _says("Days after which only sums of a day's requests are kept.")
    ] = 180
    decision_days: Annotated[
        int, Meta(ge=1, le=3650), _says("Days after which it is forgotten which rule refused a request.")
    ] = 180
    incident_days: Annotated[
        int, Meta(ge=1, le=3650), _says("Days after which a closed incident, or an alert, is deleted.")
    ] = 90
    sample_days: Annotated[
        int, Meta(ge=1, le=3650), _says("Days after which a spot check and its verdict are deleted.")
    ] = 90
    report_days: Annotated[
        int, Meta(ge=1, le=3650), _says("Days after which the words of a decided flaw report are deleted.")
    ] = 90
    log_days: Annotated[int, Meta(ge=1, le=365), _says("Days after which the box's log is deleted.")] = 14
    person_files_bytes: Annotated[
        int, Meta(ge=1024, le=2**50), _says("Most bytes of one person's files together.")
    ] = 1024 * 1024 * 1024
    person_files_limit: Annotated[int, Meta(ge=1, le=100_000), _says("Most files of one person.")] = 500
    batch_lines: Annotated[
        int, Meta(ge=1, le=4096), _says("Most lines of batches that wait or are computed at once.")
    ] = 32
    rehash_days: Annotated[
        int,
        Meta(ge=0, le=3650),
        _says("Days after which a model's file is read again in full; 0 means each time it starts."),
    ] = 7
    prepare_timeout_s: Annotated[Timeout, _says("Longest time to render and tokenize a prompt.")] = 5.0
    drain_timeout_s: Annotated[
        float, Meta(ge=0, le=3600), _says("Time that running requests get to end when the box stops.")
    ] = 30.0
    header_timeout_s: Annotated[Timeout, _says("Longest time for a client to send its headers.")] = 10.0
    body_timeout_s: Annotated[Timeout, _says("Longest time for a client to send its body.")] = 30.0
    write_timeout_s: Annotated[Timeout, _says("Longest time for a client to take what was sent to it.")] = (
        30.0
    )


_ALERTS: Final = frozenset(field.name for field in msgspec.structs.fields(AlertOptions))
_APART: Final = frozenset(field.name for field in msgspec.structs.fields(LanOptions))
FIELDS: Final = {
    field.name: field
    for field in sorted(
        msgspec.structs.fields(Options), key=lambda field: (field.name in _ALERTS, field.name in _APART)
    )
}
"""The settings by name, in the order of the struct; those of the local network and of alerts at the end."""
LISTS: Final = frozenset(name for name, field in FIELDS.items() if isinstance(field.default, tuple))
"""Those that hold several values, separated by commas where they are text."""


def describe(name: str) -> str:
    """The sentence that explains a setting."""
    annotations: tuple[Meta, ...] = FIELDS[name].type.__metadata__
    return annotations[-1].description or ""


def allowed(name: str) -> str:
    """The values that a setting takes, to end a sentence: ``a whole number from 1 to 65535``."""
    kind = msgspec.inspect.type_info(FIELDS[name].type)
    while isinstance(kind, msgspec.inspect.Metadata):
        kind = kind.type
    return _allowed(kind)


def _allowed(kind: msgspec.inspect.Type) -> str:
    match kind:
        case msgspec.inspect.BoolType():
            return "true or false"
        case msgspec.inspect.IntType(ge=least, le=most):
            return f"a whole number from {least} to {most}"
        case msgspec.inspect.FloatType(gt=above, ge=least, le=most):
            return f"a number {'above 0' if above is not None else f'from {least:g}'} up to {most:g}"
        case msgspec.inspect.LiteralType(values=values):
            return "one of " + ", ".join(str(value) for value in values)
        case msgspec.inspect.VarTupleType(item_type=item):
            return _allowed_list(item)
        case _:
            return _allowed_text(kind)


def _allowed_list(item: msgspec.inspect.Type) -> str:
    pattern = (isinstance(item, msgspec.inspect.StrType) and item.pattern) or ""
    if pattern.startswith("^https"):
        return "a list of origins such as https://lab.example, each with its scheme and without a path"
    if "@[A-Za-z" in pattern and "+@" in pattern:
        return "a list of mail addresses"
    return "a list of NAME=MODEL" if "=" in pattern else "a list of host names"


def _allowed_text(kind: msgspec.inspect.Type) -> str:
    pattern = (isinstance(kind, msgspec.inspect.StrType) and kind.pattern) or ""
    return next((says for begins, says in _TEXTS if pattern.startswith(begins)), "a host name or an address")


_TEXTS: Final = (
    ("^([A-Za-z0-9.!", "a mail address, or empty for the first of `alert_mail_to`"),
    ("^(https?://([a-z0-9.-]+|\\[[0-9a-f:]+\\])(:[0-9]{1,5})?(/", "an address, or empty for none"),
    ("^[!-~]", "visible characters, or empty for none"),
    ("^(/", "an absolute path"),
    ("^([0-9a-fA-F", "an address of this machine such as 10.20.0.5, or empty for none"),
    ("^([a-z0-9]([", "one label such as lab-01, in small letters, or empty for none"),
    ("^(none|", "GPU numbers such as 0-3,6, or none, or empty for all"),
    ("^https", "an address such as https://huggingface.co, without a slash at its end"),
    ("^(https", "the address of a proxy such as http://proxy.lab:3128, or empty for none"),
    ("^((", "a host and a port such as 10.0.0.1:6379, or empty for none"),
    ("^[a-z_]", "the name of a user"),
    ("^([a-z0-9][a-z0-9._-]", "the id of a model, or empty for none"),
)
"""How the pattern of a text begins, and what it allows."""
