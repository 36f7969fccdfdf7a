"""Every setting: its name, type, bounds, default and the sentence that explains it.

This struct is the whole contract: the TOML file is decoded into it, ``CARREL_<NAME>`` and the flags are named
after it, and ``config get`` prints its descriptions.
"""

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

Timeout = Annotated[float, Meta(gt=0, le=3600)]
HostName = Annotated[str, Meta(min_length=1, max_length=253, pattern=r"^[A-Za-z0-9.:\[\]_-]+\Z")]


def _says(text: str) -> Meta:
    return Meta(description=text)


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
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
    body_limit_bytes: Annotated[
        int, Meta(ge=1024, le=64 * 1024 * 1024), _says("Largest request body, in bytes.")
    ] = 1024 * 1024
    prepare_timeout_s: Annotated[Timeout, _says("Longest time to render and tokenize a prompt.")] = 5.0
    drain_timeout_s: Annotated[
        float, Meta(ge=0, le=3600), _says("Time that running requests get to end when the box stops.")
    ] = 30.0
    header_timeout_s: Annotated[Timeout, _says("Longest time for a client to send its headers.")] = 10.0
    body_timeout_s: Annotated[Timeout, _says("Longest time for a client to send its body.")] = 30.0
    write_timeout_s: Annotated[Timeout, _says("Longest time for a client to take what was sent to it.")] = (
        30.0
    )


FIELDS: Final = {field.name: field for field in msgspec.structs.fields(Options)}
"""The settings by name, in the order of the struct."""


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
        case msgspec.inspect.VarTupleType():
            return "a list of host names"
        case _:
            return _allowed_text(kind)


def _allowed_text(kind: msgspec.inspect.Type) -> str:
    pattern = (isinstance(kind, msgspec.inspect.StrType) and kind.pattern) or ""
    if pattern.startswith("^(/"):
        return "an absolute path"
    if pattern.startswith("^(none|"):
        return "GPU numbers such as 0-3,6, or none, or empty for all"
    if pattern.startswith("^[a-z_]"):
        return "the name of a user"
    return "a host name or an address"
