"""
Test code that uses this library: an Image Builder on your own machine, with faults, and helpers for Stubber.

    local = LocalImageBuilder()
    arn = local.put(examples.complete(DistributionConfiguration)).arn
    local.inject(FAULTS["throttle"])
    local.client().get_distribution_configuration(arn)
"""

from imagebuilder_dist.testing._faults import (
    FAULTS,
    AnswerError,
    ChangedBySomebodyElse,
    CloseAfterApplying,
    CloseBeforeReading,
    Delay,
    Exchange,
    Fault,
    TruncateBody,
)
from imagebuilder_dist.testing._local import LocalImageBuilder
from imagebuilder_dist.testing._requests import ReceivedRequest
from imagebuilder_dist.testing._service import Reply
from imagebuilder_dist.testing._stubber import expected_params, stub_error, stub_response
from imagebuilder_dist.testing._wire import Clock

__all__ = [
    "FAULTS",
    "AnswerError",
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
    "stub_error",
    "stub_response",
]
