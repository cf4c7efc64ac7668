"""
The records of the logger `imagebuilder_dist`: names and counts, never a value of a configuration.
"""

import logging
import re
import sys
from collections.abc import Iterable
from typing import Any

from imagebuilder_dist._client.retries import Attempt
from imagebuilder_dist._common.text import counted, safe
from imagebuilder_dist.errors import (
    ApiError,
    ConcurrentModificationError,
    DryRunOperationException,
    ImageBuilderDistError,
    Issue,
    NotConfiguredError,
    ResponseError,
    TransportError,
    ValidationError,
)

_logger = logging.getLogger("imagebuilder_dist")
_logger.addHandler(logging.NullHandler())  # or else Python prints warnings on standard error


def shows_attempts() -> bool:
    """
    Tell whether the records of requests go anywhere.
    """
    return _logger.isEnabledFor(logging.DEBUG)


def attempted(attempt: Attempt) -> None:
    """
    Log a request and its outcome.
    """
    came = " ".join(str(each) for each in (attempt.http_status, attempt.error) if each is not None)
    text = f"attempt {attempt.number}: {came or 'a response'} after {attempt.duration:.3f} s"
    facts = {name: getattr(attempt, name) for name in (*_FACTS, "error", "duration")}
    _log(logging.DEBUG, attempt.operation, attempt.resource, text, attempt=attempt.number, **facts)


_FACTS = ("http_status", "request_id", "client_token")


def hook_failed(attempt: Attempt) -> None:
    """
    Log the hook's exception, which is being handled.
    """
    _log(logging.WARNING, attempt.operation, attempt.resource, "on_attempt raised an exception", exc_info=True)


def retrying(operation: str, resource: str | None, reason: str, number: int, delay: float) -> None:
    """
    Log that attempt *number* follows after *delay* seconds.
    """
    text = f"{reason}; attempt {number} follows in {delay:.1f} s"
    _log(logging.WARNING, operation, resource, text, attempt=number, delay=delay, error=reason)


def written(operation: str, resource: str | None, request_id: str | None) -> None:
    """
    Log that a write succeeded.
    """
    _log(logging.INFO, operation, resource, "written", request_id=request_id)


def finished(what: str, resource: str | None, outcome: str, changes: int) -> None:
    """
    Log how an edit or an ensure ended.
    """
    _log(logging.INFO, what, resource, f"{outcome}, {counted(changes, 'change')}", outcome=outcome, changes=changes)


def failed(what: str, error: ImageBuilderDistError) -> None:
    """
    Log that a call, or else *what* needed it, failed for good, and what to do about it.
    """
    # It is how a dry run succeeds.
    if isinstance(error, DryRunOperationException):
        return
    reason = reason_of(error)
    told = [f"failed, {reason}"]
    if isinstance(error, TransportError | ResponseError):
        told.append(error.message.rstrip("."))
    elif isinstance(error, ValidationError):  # without messages, which may show values
        told += [f"{each.rule} at {each.path}" for each in error.issues if each.severity == "error"][:_MOST_ISSUES]
    elif isinstance(error, ConcurrentModificationError):
        told.append(error.message)
        if error.changes and error.found is not None:
            told.append(f"changed meanwhile: {getattr(error.changes, 'summary', '')}")
    elif isinstance(error, NotConfiguredError):
        told.append(f"no such {error.what}")
    elif isinstance(error, ApiError) and error.parameter:
        told.append(f"at {error.parameter}")
    if error.attempts:
        ids = {"request id": error.request_id, "client token": error.client_token}
        told += [counted(error.attempts, "attempt"), *(f"{name} {value}" for name, value in ids.items() if value)]
    if error.may_have_been_applied:
        told.append("may have been applied")
    # Only a write that may have been applied leaves something that somebody has to look at.
    level = logging.ERROR if error.may_have_been_applied else logging.WARNING
    text = "; ".join(filter(None, [", ".join(told), error.remedy]))
    facts = {name: getattr(error, name) for name in (*_FACTS, "attempts", "may_have_been_applied")}
    # An update that met another writer usually wasn't sent.
    operation = None if isinstance(error, ConcurrentModificationError) else error.operation
    _log(level, operation or what, error.resource, text, error=reason, **facts)


_MOST_ISSUES = 3


def reason_of(error: BaseException) -> str:
    """
    Return the code of a service's *error*, or the class name of another one.
    """
    return error.code if isinstance(error, ApiError) else type(error).__name__


def warned(operation: str, resource: str | None, issues: Iterable[Issue]) -> None:
    """
    Log the warnings of validation, of which a request may have many.
    """
    if _logger.isEnabledFor(logging.WARNING) and _is_heard():
        about = _about(operation, resource)
        for issue in issues:
            path, message = safe(issue.path), safe(_without_value(issue))
            extra = {"operation": operation, "resource": resource and safe(resource), "rule": issue.rule, "path": path}
            _emit(logging.WARNING, f"{about}: {issue.rule} at {path}: {message}", extra)


def _is_heard() -> bool:
    """Tell whether a handler takes the records: making them takes longer than finding out what they are about."""
    logger: logging.Logger | None = _logger
    while logger is not None:
        if any(not isinstance(each, logging.NullHandler) for each in logger.handlers):
            return True
        logger = logger.parent if logger.propagate else None
    return False


def _without_value(issue: Issue) -> str:
    """Return the message of *issue* without what it quotes of the value."""
    message = issue.message
    if "'" not in message:  # the value may be a whole configuration
        return message
    value = str(issue.value)
    return re.sub("'([^']*)'", lambda quoted: "***" if quoted[1] in value else quoted[0], message)


def _about(operation: str, resource: str | None) -> str:
    return safe(f"{operation} of {resource}" if resource else operation)


def _log(
    level: int, operation: str, resource: str | None, text: str, *, exc_info: bool = False, **facts: str | float | None
) -> None:
    if _logger.isEnabledFor(level):
        extra: dict[str, Any] = {"operation": operation, "resource": resource, **facts}
        shown = {key: safe(value) if isinstance(value, str) else value for key, value in extra.items()}
        error = sys.exc_info() if exc_info else None
        _emit(level, f"{_about(operation, resource)}: {safe(text)}", shown, error)


def _emit(level: int, text: str, extra: dict[str, Any], error: Any = None) -> None:
    # Not `_logger.log`, which searches the stack for the caller: that is several frames up, at a depth that varies.
    _logger.handle(_logger.makeRecord(_logger.name, level, __file__, 0, "%s", (text,), error, extra=extra))
