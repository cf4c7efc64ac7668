"""
The operations, under boto3's names, typed on both ends.
"""

import logging
import uuid
from collections.abc import Mapping
from typing import Any, Protocol, cast

from botocore.exceptions import BotoCoreError

from imagebuilder_dist import validation
from imagebuilder_dist._calls import call, watch
from imagebuilder_dist._fields import Items, check_type
from imagebuilder_dist._version import __version__
from imagebuilder_dist.converter import to_boto3
from imagebuilder_dist.errors import ConfigurationError, ValidationError, from_botocore
from imagebuilder_dist.models import Distribution, UpdateDistributionConfigurationRequest
from imagebuilder_dist.results import DistributionConfiguration, UpdateDistributionConfigurationResult

_logger = logging.getLogger("imagebuilder_dist")


class ImageBuilderClient(Protocol):
    """
    What is needed of a boto3 client: a real one, a typed one of types-boto3, or a fake of yours.
    """

    def get_distribution_configuration(self, *args: Any, **kwargs: Any) -> Any:
        """Call GetDistributionConfiguration."""
        ...

    def update_distribution_configuration(self, *args: Any, **kwargs: Any) -> Any:
        """Call UpdateDistributionConfiguration."""
        ...


class Session(Protocol):
    """
    What is needed of a `boto3.Session`.
    """

    def client(self, *args: Any, **kwargs: Any) -> Any:
        """Make a client."""
        ...


class Config(Protocol):
    """
    What is needed of a `botocore.config.Config`.
    """

    def merge(self, other_config: Any, /) -> Any:
        """Return a copy that *other_config* overrides."""
        ...


class DistributionConfigurationClient:
    """
    EC2 Image Builder's distribution configurations, typed.

    Give it a boto3 client, which is left as it is, or say how to make one.
    It holds no state of its own, and like boto3's clients it may be shared between threads.

    Args:
        client: A boto3 `imagebuilder` client, or a fake with the methods of `ImageBuilderClient`.
        session: The `boto3.Session` to make a client with; boto3's default session without it.
        region_name: The Region to call.
        endpoint_url: Where to send requests instead of AWS, for example `LocalImageBuilder().url`.
        config: A `botocore.config.Config`: timeouts, proxies, retries.

    Raises:
        TypeError:
            If *client* comes together with any of the others.
        imagebuilder_dist.errors.ConfigurationError:
            If there is no Region, no such profile, or *endpoint_url* is no URL.
        imagebuilder_dist.errors.CredentialsError:
            If the profile's credentials can't be read.
    """

    def __init__(
        self,
        client: ImageBuilderClient | None = None,
        *,
        session: Session | None = None,
        region_name: str | None = None,
        endpoint_url: str | None = None,
        config: Config | None = None,
    ) -> None:
        if client is None:
            client = _make_client(session, region_name, endpoint_url, config)
        elif any(option is not None for option in (session, region_name, endpoint_url, config)):
            raise TypeError("give either a client, or session, region_name, endpoint_url and config to make one")
        self._client = client
        watch(client)

    def get_distribution_configuration(self, distribution_configuration_arn: str) -> DistributionConfiguration:
        """
        Return what is stored under *distribution_configuration_arn*.

        Raises:
            TypeError:
                If the ARN is no string.
            imagebuilder_dist.errors.ResourceNotFoundException:
                If nothing of that ARN is there.
            imagebuilder_dist.errors.ImageBuilderDistError:
                If the call fails in any other way; `imagebuilder_dist.errors` draws the tree.
        """
        check_type("distribution_configuration_arn", distribution_configuration_arn, str)
        answer = call(
            "GetDistributionConfiguration",
            self._client.get_distribution_configuration,
            {"distributionConfigurationArn": distribution_configuration_arn},
        )
        stored = answer.parsed.get("distributionConfiguration")
        if not isinstance(stored, Mapping):
            raise answer.unreadable("it holds no distributionConfiguration")
        return answer.read({**stored, "requestId": answer.request_id}, DistributionConfiguration)

    def update_distribution_configuration(
        self,
        distribution_configuration_arn: str,
        distributions: Items[Distribution],
        *,
        description: str | None = None,
        client_token: str | None = None,
        validate: bool = True,
    ) -> UpdateDistributionConfigurationResult:
        """
        Replace everything stored under *distribution_configuration_arn*.

        A Region that isn't in *distributions* is no longer distributed to, and a description that isn't given is
        removed.
        Name and tags stay.

        Args:
            distribution_configuration_arn: The ARN of the configuration.
            distributions: One `Distribution` a Region.
            description: Up to 1024 characters.
            client_token: Up to 64 characters that belong to this one intended write.
                Give the `client_token` of an error to repeat the write it belongs to; the service runs it at most
                once. Made where it isn't given.
            validate: Whether to refuse locally what the service would refuse, all of it at once.
                Switch it off on the day that AWS allows something that this version doesn't know yet.

        Raises:
            TypeError:
                If an argument is of a wrong type.
            imagebuilder_dist.errors.ValidationError:
                If the request is refused before it is sent; `issues` holds all that is wrong with it.
                Warnings alone go to the logger `imagebuilder_dist` and don't stop the write.
            imagebuilder_dist.errors.InvalidParameterValueException:
                If the service refuses a value; `parameter` holds its path.
            imagebuilder_dist.errors.ResourceInUseException:
                If a build is using the configuration right now.
            imagebuilder_dist.errors.ImageBuilderDistError:
                If the call fails in any other way; `imagebuilder_dist.errors` draws the tree.
        """
        token = str(uuid.uuid4()) if client_token is None else client_token
        request = UpdateDistributionConfigurationRequest(
            distribution_configuration_arn=distribution_configuration_arn,
            distributions=distributions,
            description=description,
            client_token=token,
        )
        if validate:
            _refuse_errors(request, "UpdateDistributionConfiguration", token)
        answer = call(
            "UpdateDistributionConfiguration",
            self._client.update_distribution_configuration,
            to_boto3(request),
            client_token=token,
        )
        return answer.read(
            {"clientToken": token, **answer.parsed, "requestId": answer.request_id},
            UpdateDistributionConfigurationResult,
        )


def _refuse_errors(request: UpdateDistributionConfigurationRequest, operation: str, client_token: str) -> None:
    issues = validation.validate(request)
    if any(issue.severity == "error" for issue in issues):
        raise ValidationError(issues, operation, client_token)
    for issue in issues:
        _logger.warning("%s will be stored, but %s", operation, issue)


def _make_client(
    session: Session | None, region_name: str | None, endpoint_url: str | None, config: Config | None
) -> ImageBuilderClient:
    # boto3 takes long to import, and who hands in a client has it already or doesn't need it.
    import boto3  # noqa: PLC0415
    from botocore.config import Config as BotocoreConfig  # noqa: PLC0415

    agent = f"imagebuilder_dist/{__version__}"
    theirs = getattr(config, "user_agent_extra", None)
    # botocore would check again what models and validation have established.
    ours = BotocoreConfig(user_agent_extra=f"{theirs} {agent}" if theirs else agent, parameter_validation=False)
    try:
        client: ImageBuilderClient = (session or cast(Session, boto3)).client(
            "imagebuilder",
            region_name=region_name,
            endpoint_url=endpoint_url,
            config=config.merge(ours) if config else ours,
        )
    except BotoCoreError as error:
        raise from_botocore(error) from error
    except ValueError as error:  # botocore's for an endpoint that is no URL
        raise ConfigurationError(str(error)) from error
    return client
