"""Where the gateway's log goes: JSON lines in a rotating file, and on stderr for whoever watches.

Each line has ``ts``, ``level``, ``event`` and what the event names. Keys are masked in whatever field they
are. Prompts never get this far: nothing above passes one to a log. Of a foreign exception only its type and
the places it passed through are kept, because its text, and asyncio's report of it, may quote what a client
sent.
"""

import logging
import sys
import traceback
from collections.abc import MutableMapping
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any, Final

import structlog

from appliance.policy.keys import redact_keys

FILE_BYTES: Final = 5 * 2**20
FILES_KEPT: Final = 40
"""A new one each day, or sooner where it is full."""
DAY_S: Final = 86_400
FOREIGN_EVENT_CHARS: Final = 300

Record = MutableMapping[str, Any]


def set_up(log_file: Path, level: str, *, to_terminal: bool) -> structlog.stdlib.BoundLogger:
    """Route structlog and the standard library's loggers to one file and stderr; return the gateway's own."""
    stamps: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="ts"),
    ]
    structlog.configure(
        processors=[*stamps, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*stamps, shorten_foreign_event],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            name_exception,
            mask_keys,
            structlog.processors.JSONRenderer(sort_keys=False),
        ],
    )
    root = logging.getLogger()
    root.handlers = [_handler(_rotating(log_file), formatter)]
    if to_terminal:
        root.addHandler(_handler(logging.StreamHandler(sys.stderr), formatter))
    root.setLevel(level.upper())
    for library in ("uvicorn", "httpx", "httpcore"):
        # The client's own lines have addresses, and at the lowest level headers of answers.
        logging.getLogger(library).setLevel(logging.WARNING)
    logger: structlog.stdlib.BoundLogger = structlog.get_logger("carrel")
    return logger


def mask_keys(_logger: object, _method: str, record: Record) -> Record:
    """Replace anything that looks like an API key, in every text of the record."""
    for field, value in record.items():
        if isinstance(value, str):
            record[field] = redact_keys(value)
    return record


def shorten_foreign_event(_logger: object, _method: str, record: Record) -> Record:
    """Keep the first line of what a library says: asyncio quotes whole exceptions in the lines below it."""
    record["event"] = str(record.get("event", "")).partition("\n")[0][:FOREIGN_EVENT_CHARS]
    return record


def name_exception(_logger: object, _method: str, record: Record) -> Record:
    """Type and places of an exception in place of its text."""
    info = record.pop("exc_info", None)
    if info is True:
        info = sys.exc_info()
    error = info[1] if isinstance(info, tuple) else info
    if isinstance(error, BaseException):
        frames = traceback.extract_tb(error.__traceback__)
        record["exception"] = type(error).__name__
        record["passed"] = [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]
    return record


def expire(log_file: Path, before_ms: int) -> int:
    """Delete older files whose last line is from before. Returns how many. Blocks; raises ``OSError``."""
    older = log_file.parent.glob(f"{log_file.name}.*")
    over = [one for one in older if one.stat().st_mtime * 1000 < before_ms]
    for one in over:
        one.unlink(missing_ok=True)
    return len(over)


class _Daily(RotatingFileHandler):
    """Begins a new file with each day of UTC, so that whole files can be deleted when their time is over."""

    def shouldRollover(self, record: logging.LogRecord) -> bool:  # noqa: N802 - its name in the library
        """Whether the record belongs into a new file."""
        try:
            last = Path(self.baseFilename).stat()
        except OSError:
            last = None
        if last is not None and last.st_size and int(last.st_mtime) // DAY_S < int(record.created) // DAY_S:
            return True
        return bool(super().shouldRollover(record))


def _rotating(log_file: Path) -> logging.Handler:
    handler = _Daily(log_file, maxBytes=FILE_BYTES, backupCount=FILES_KEPT, encoding="utf-8")
    log_file.chmod(0o600)
    return handler


def _handler(handler: logging.Handler, formatter: logging.Formatter) -> logging.Handler:
    handler.setFormatter(formatter)
    return handler
