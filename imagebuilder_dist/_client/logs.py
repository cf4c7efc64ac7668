"""
The records of the logger `imagebuilder_dist`: names and counts, never a value of a configuration.
"""

import logging
from typing import Any

from imagebuilder_dist._client.retries import Attempt
from imagebuilder_dist._common.text import counted, safe
from imagebuilder_dist.errors import ApiError, ImageBuilderDistError, Issue

_logger = logging.getLogger("imagebuilder_dist")


def attempted(attempt: Attempt) -> None:
    """
    Log a request and its outcome.
    """
    came = " ".join(str(each) for each in (attempt.http_status, attempt.error) if each is not None)
    _log(
        logging.DEBUG,
        attempt.operation,
        attempt.resource,
        f"attempt {attempt.number}: {came or 'a response'} after {attempt.duration:.3f} s",
        attempt=attempt.number,
        http_status=attempt.http_status,
        request_id=attempt.request_id,
        client_token=attempt.client_token,
        error=attempt.error,
        duration=attempt.duration,
    )


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


def failed(what: str, resource: str | None, error: ImageBuilderDistError) -> None:
    """
    Log that an edit or an ensure failed.
    """
    reason = reason_of(error)
    _log(logging.INFO, what, resource, f"failed, {reason}", outcome="failed", error=reason)


def reason_of(error: BaseException) -> str:
    """
    Return the code of a service's *error*, or the class name of another one.
    """
    return error.code if isinstance(error, ApiError) else type(error).__name__


def warned(operation: str, resource: str | None, issue: Issue) -> None:
    """
    Log a warning of validation.
    """
    _log(logging.WARNING, operation, resource, f"{issue.rule} at {issue.path}", rule=issue.rule, path=issue.path)


def _log(
    level: int, operation: str, resource: str | None, text: str, *, exc_info: bool = False, **facts: str | float | None
) -> None:
    if not _logger.isEnabledFor(level):
        return
    about = f"{operation} of {resource}" if resource else operation
    extra: dict[str, Any] = {"operation": operation, "resource": resource, **facts}
    shown = {key: safe(value) if isinstance(value, str) else value for key, value in extra.items()}
    # No stacklevel: the caller is several frames up, at a depth that varies.
    _logger.log(level, "%s", safe(f"{about}: {text}"), extra=shown, exc_info=exc_info)
