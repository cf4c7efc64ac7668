"""
What the service would respond to a request, if a test doesn't say.
"""

from collections.abc import Mapping
from typing import Any

import attrs

from imagebuilder_dist import errors, models
from imagebuilder_dist._common.arns import distribution_configuration_arn
from imagebuilder_dist._common.attributes import check_tuple, check_type, to_tuple
from imagebuilder_dist._common.text import describe, did_you_mean
from imagebuilder_dist._shapes.converter import to_boto3
from imagebuilder_dist.models import RESULTS
from imagebuilder_dist.testing import examples, requests
from imagebuilder_dist.testing.requests import Request, operation_of


def response_to(request: Request, result: Any, region_name: str) -> dict[str, Any]:
    """
    Return the response that the client reads as *result*; what is `None` in it is taken from the request.
    """
    made: dict[str, Any]
    match request:
        case requests.GetDistributionConfigurationRequest():
            return {"distributionConfiguration": _stored(result or _default_configuration(request, region_name))}
        case requests.ListDistributionConfigurationsRequest():
            return {"distributionConfigurationSummaryList": [to_boto3(each) for each in result or ()]}
        case models.CreateDistributionConfigurationRequest():
            arn = distribution_configuration_arn(request.name, region_name=region_name, account_id=examples.ACCOUNT_ID)
            made = {"distributionConfigurationArn": arn, "clientToken": request.client_token}
        case models.UpdateDistributionConfigurationRequest():
            arn = request.distribution_configuration_arn
            made = {"distributionConfigurationArn": arn, "clientToken": request.client_token}
        case requests.DeleteDistributionConfigurationRequest():
            made = {"distributionConfigurationArn": request.distribution_configuration_arn}
        case _:
            made = {}
    given = {} if result is None else to_boto3(result)
    return {name: value for name, value in {**made, **given}.items() if value is not None}


def _default_configuration(
    request: requests.GetDistributionConfigurationRequest, region_name: str
) -> models.DistributionConfiguration:
    arn = request.distribution_configuration_arn
    distribution = attrs.evolve(examples.minimal(models.Distribution), region=region_name)
    name = arn.rpartition("/")[2]
    return models.DistributionConfiguration(arn=arn, name=name, distributions=[distribution], timeout_minutes=720)


def _stored(configuration: models.DistributionConfiguration) -> dict[str, Any]:
    return to_boto3(attrs.evolve(configuration, request_id=None))


def to_result(request_class: type[Request], result: Any) -> Any:
    """
    Return *result* if the client's method returns such a value; summaries become a tuple, and `None` stays `None`.

    Raises:
        TypeError:
            If the client's method returns something else.
    """
    if result is None:
        return None
    if request_class is requests.ListDistributionConfigurationsRequest:
        summaries = to_tuple(result)
        check_tuple("result", summaries, models.DistributionConfigurationSummary)
        return summaries
    check_type("result", result, _RESULTS[operation_of(request_class)])
    return result


_RESULTS: Mapping[str, type] = {
    "GetDistributionConfiguration": models.DistributionConfiguration,
    **{cls.__name__.removesuffix("Result"): cls for cls in RESULTS},
}


def check_error(error: object) -> None:
    """
    Raise a `TypeError` unless *error* is the class of an error that the service returns.
    """
    if isinstance(error, errors.ApiError):
        raise TypeError(f"error must be the class {type(error).__name__}, not an instance of it")
    if error not in errors.BY_CODE.values():
        hint = did_you_mean(error, errors.BY_CODE)
        raise TypeError(
            f"error must be a class of imagebuilder_dist that is named after an error code, not {describe(error)}{hint}"
        )
