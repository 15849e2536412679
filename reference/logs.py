"""Log lines: text for people, or one JSON object a line for programs; both have a request's id."""

import json
import logging
import time
from typing import Any

TEXT = "%(asctime)s %(process)d %(levelname)s %(name)s %(message)s"
_USUAL = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}


def _more(record: logging.LogRecord) -> dict[str, Any]:
    """The record's attributes that came from `extra`."""
    return {name: value for name, value in vars(record).items() if name not in _USUAL}


class TextLines(logging.Formatter):
    """A record as text, followed by its `extra` as name=value."""

    def format(self, record: logging.LogRecord) -> str:
        return " ".join([super().format(record), *(f"{name}={value}" for name, value in _more(record).items())])


class JsonLines(logging.Formatter):
    """A record as JSON: time (UTC), level, logger, process, message, and its `extra`."""

    def format(self, record: logging.LogRecord) -> str:
        moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        line: dict[str, Any] = {
            "time": f"{moment}.{int(record.msecs):03d}Z",
            "level": record.levelname,
            "logger": record.name,
            "process": record.process,
            "message": record.getMessage(),
            **_more(record),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


def set_up(form: str, *, verbose: bool) -> None:
    """Log to stderr in `form`, "text" or "json": warnings and errors, and every request where `verbose`."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines() if form == "json" else TextLines(TEXT))
    logging.basicConfig(level=logging.INFO if verbose else logging.WARNING, handlers=[handler], force=True)
