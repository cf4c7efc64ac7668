"""
What the service would respond to a request, as far as a test doesn't say.
"""

import difflib
from collections.abc import Iterable
from typing import Any

import attrs

from imagebuilder_dist import errors, models, results
from imagebuilder_dist._converter import to_boto3
from imagebuilder_dist._fields import describe
from imagebuilder_dist._names import distribution_configuration_arn
from imagebuilder_dist.testing import examples, requests
from imagebuilder_dist.testing.requests import Request


def response_to(request: Request, result: Any, region_name: str) -> dict[str, Any]:
    """
    Return the response that is read as *result*; what is `None` in it is made from the request.
    """
    made: dict[str, Any]
    match request:
        case requests.GetDistributionConfigurationRequest():
            return {"distributionConfiguration": _stored(result or _found(request, region_name))}
        case requests.ListDistributionConfigurationsRequest():
            summaries: Iterable[results.DistributionConfigurationSummary] = result or ()
            return {"distributionConfigurationSummaryList": [to_boto3(each) for each in summaries]}
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


def _found(
    request: requests.GetDistributionConfigurationRequest, region_name: str
) -> results.DistributionConfiguration:
    arn = request.distribution_configuration_arn
    distribution = attrs.evolve(examples.minimal(models.Distribution), region=region_name)
    return results.DistributionConfiguration(arn=arn, name=arn.rpartition("/")[2], distributions=[distribution])


def _stored(configuration: results.DistributionConfiguration) -> dict[str, Any]:
    return to_boto3(attrs.evolve(configuration, request_id=None))


def check_error(error: object) -> None:
    """
    Raise a `TypeError` unless *error* is a class of an error that the service returns.
    """
    if error not in errors.BY_CODE.values():
        close = difflib.get_close_matches(str(error), errors.BY_CODE, n=1)
        hint = f"; did you mean {close[0]}?" if close else ""
        raise TypeError(f"error must be a class of imagebuilder_dist named like a code, not {describe(error)}{hint}")
