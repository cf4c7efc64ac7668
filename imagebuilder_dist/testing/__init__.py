"""
Test code that uses this library: stubs, an Image Builder on your own machine, and faults to inject into it.
"""

from imagebuilder_dist.testing._any import ANY
from imagebuilder_dist.testing._clock import Clock
from imagebuilder_dist.testing._endpoint import ReceivedRequest
from imagebuilder_dist.testing._service import Reply
from imagebuilder_dist.testing.faults import (
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
from imagebuilder_dist.testing.local import LocalImageBuilder
from imagebuilder_dist.testing.stubber import expected_params, stub_error, stub_response
from imagebuilder_dist.testing.stubs import Stub, StubError, Stubs

__all__ = [
    "ANY",
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
    "Stub",
    "StubError",
    "Stubs",
    "TruncateBody",
    "expected_params",
    "stub_error",
    "stub_response",
]
