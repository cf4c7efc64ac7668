"""
A typed client for EC2 Image Builder distribution configurations.

    client = DistributionConfigurationClient(region_name="us-west-2")
    client.edit_distribution_configuration(arn, partial(steps.add_launch_permissions, user_ids=["111122223333"]))

The client has boto3's methods, and an edit, an ensure and `apply` on top. The classes of `models` are what is sent,
stored and returned; `errors` draws the tree of exceptions. `steps` has ready-made changes, `documents` reads and
writes files, `prerequisites` and `preflight` say what a build needs, `fleet` changes thousands of configurations, `aio`
has the client for asyncio, and `testing` a local Image Builder.
"""

import importlib
from typing import TYPE_CHECKING

from imagebuilder_dist._client.client import DistributionConfigurationClient
from imagebuilder_dist._client.retries import Attempt, Retries
from imagebuilder_dist._common.arns import distribution_configuration_arn
from imagebuilder_dist._common.version import __version__
from imagebuilder_dist._shapes.converter import configure_converter, from_boto3, to_boto3
from imagebuilder_dist._shapes.validation import validate
from imagebuilder_dist.changes import Change, Changes, Plan, diff
from imagebuilder_dist.errors import (
    AccessDeniedException,
    AccessError,
    ApiError,
    CallRateLimitExceededException,
    ClientException,
    ConcurrentModificationError,
    ConfigurationError,
    ConflictError,
    ConnectionFailedError,
    CredentialsError,
    DryRunOperationException,
    ForbiddenException,
    IdempotentParameterMismatchException,
    ImageBuilderDistError,
    InvalidCredentialsError,
    InvalidPaginationTokenException,
    InvalidParameterCombinationException,
    InvalidParameterException,
    InvalidParameterValueException,
    InvalidRequestError,
    InvalidRequestException,
    InvalidVersionNumberException,
    Issue,
    NotConfiguredError,
    NotFoundError,
    RequestTimeoutError,
    ResourceAlreadyExistsException,
    ResourceDependencyException,
    ResourceInUseException,
    ResourceNotFoundException,
    ResponseError,
    ServerError,
    ServiceException,
    ServiceQuotaExceededException,
    ServiceUnavailableException,
    ThrottledError,
    TlsVerificationError,
    TooManyRequestsException,
    TransportError,
    UnmodelledSettingsError,
    ValidationError,
)
from imagebuilder_dist.models import (
    AmiDistributionConfiguration,
    ContainerDistributionConfiguration,
    CreateDistributionConfigurationRequest,
    CreateDistributionConfigurationResult,
    DeleteDistributionConfigurationResult,
    Distribution,
    DistributionConfiguration,
    DistributionConfigurationSummary,
    FastLaunchConfiguration,
    FastLaunchLaunchTemplateSpecification,
    FastLaunchSnapshotConfiguration,
    LaunchPermissionConfiguration,
    LaunchTemplateConfiguration,
    ListTagsForResourceResult,
    S3ExportConfiguration,
    SsmParameterConfiguration,
    TagResourceResult,
    TargetContainerRepository,
    UntagResourceResult,
    UpdateDistributionConfigurationRequest,
    UpdateDistributionConfigurationResult,
)

__all__ = [
    "AccessDeniedException", "AccessError", "AmiDistributionConfiguration", "ApiError", "Attempt",
    "CallRateLimitExceededException", "Change", "Changes", "ClientException", "ConcurrentModificationError",
    "ConfigurationError", "ConflictError", "ConnectionFailedError", "ContainerDistributionConfiguration",
    "CreateDistributionConfigurationRequest", "CreateDistributionConfigurationResult", "CredentialsError",
    "DeleteDistributionConfigurationResult",
    "Distribution", "DistributionConfiguration", "DistributionConfigurationClient", "DistributionConfigurationSummary",
    "DryRunOperationException", "FastLaunchConfiguration", "FastLaunchLaunchTemplateSpecification",
    "FastLaunchSnapshotConfiguration", "ForbiddenException", "IdempotentParameterMismatchException",
    "ImageBuilderDistError", "InvalidCredentialsError", "InvalidPaginationTokenException",
    "InvalidParameterCombinationException", "InvalidParameterException", "InvalidParameterValueException",
    "InvalidRequestError", "InvalidRequestException", "InvalidVersionNumberException", "Issue",
    "LaunchPermissionConfiguration", "LaunchTemplateConfiguration", "ListTagsForResourceResult", "NotConfiguredError",
    "NotFoundError", "Plan", "RequestTimeoutError", "ResourceAlreadyExistsException", "ResourceDependencyException",
    "ResourceInUseException", "ResourceNotFoundException", "ResponseError", "Retries", "S3ExportConfiguration",
    "ServerError", "ServiceException", "ServiceQuotaExceededException", "ServiceUnavailableException",
    "SsmParameterConfiguration", "TagResourceResult", "TargetContainerRepository", "ThrottledError",
    "TlsVerificationError", "TooManyRequestsException", "TransportError", "UnmodelledSettingsError",
    "UntagResourceResult", "UpdateDistributionConfigurationRequest", "UpdateDistributionConfigurationResult",
    "ValidationError", "__version__", "configure_converter", "diff", "distribution_configuration_arn", "from_boto3",
    "to_boto3", "validate",
]  # fmt: skip

if TYPE_CHECKING:
    from imagebuilder_dist import aio as aio
    from imagebuilder_dist import changes as changes
    from imagebuilder_dist import documents as documents
    from imagebuilder_dist import errors as errors
    from imagebuilder_dist import fleet as fleet
    from imagebuilder_dist import models as models
    from imagebuilder_dist import preflight as preflight
    from imagebuilder_dist import prerequisites as prerequisites
    from imagebuilder_dist import steps as steps
    from imagebuilder_dist import testing as testing
else:
    # A program that only updates needs none of them, so they are loaded when they are asked for. Type checkers don't
    # see the function, because they would take any name for a module.
    _SUBMODULES = frozenset({"aio", "documents", "fleet", "preflight", "prerequisites", "steps", "testing"})

    def __getattr__(name: str) -> object:
        if name in _SUBMODULES:
            return importlib.import_module(f"{__name__}.{name}")
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

    def __dir__() -> list[str]:
        return sorted({*globals(), *_SUBMODULES})
