"""
Test code that uses this library: an Image Builder on your own machine, faults to inject into it, and Stubber's helpers.
"""

from imagebuilder_dist.testing._faults import (
    AddUnknownMembers,
    AnswerError,
    AnswerNotJson,
    ChangedBySomebodyElse,
    CloseAfterApplying,
    CloseBeforeReading,
    Delay,
    Exchange,
    Fault,
    TruncateBody,
)
from imagebuilder_dist.testing._local import LocalImageBuilder, serve
from imagebuilder_dist.testing._requests import ReceivedRequest
from imagebuilder_dist.testing._service import Reply
from imagebuilder_dist.testing._stubber import expected_params, stub_error, stub_response
from imagebuilder_dist.testing._wire import Clock

__all__ = [
    "AddUnknownMembers",
    "AnswerError",
    "AnswerNotJson",
    "ChangedBySomebodyElse",
    "Clock",
    "CloseAfterApplying",
    "CloseBeforeReading",
    "Delay",
    "Exchange",
    "Fault",
    "LocalImageBuilder",
    "ReceivedRequest",
    "Reply",
    "TruncateBody",
    "expected_params",
    "serve",
    "stub_error",
    "stub_response",
]
