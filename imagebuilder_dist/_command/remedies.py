"""
What to do about an error, in the command's words: the library's own name arguments of Python.
"""

from collections.abc import Mapping

from botocore.exceptions import NoRegionError, ProfileNotFound

from imagebuilder_dist import errors

_LATER = "try again later"
_LESS_OFTEN = "try again later, with fewer commands at once; AWS_MAX_ATTEMPTS sets the number of attempts"

_REMEDIES: Mapping[type, str] = {
    NoRegionError: "give --region, or set AWS_DEFAULT_REGION, or region in the profile",
    ProfileNotFound: "look at --profile, AWS_PROFILE and ~/.aws/config",
    errors.UnmodelledSettingsError: "a newer imagebuilder_dist may know them",
    errors.ConcurrentModificationError: "look at the difference, and run the command again",
    errors.TransportError: "look at the network, the proxy and the endpoint",
    errors.TlsVerificationError: (
        "if it is yours, set AWS_CA_BUNDLE, or ca_bundle in the profile, to a file with the certificates to trust"
    ),
    errors.ResponseError: "look at what stands between you and AWS, such as a proxy",
    errors.CallRateLimitExceededException: _LESS_OFTEN,
    errors.ThrottlingException: _LESS_OFTEN,
    errors.TooManyRequestsException: _LESS_OFTEN,
    errors.IdempotentParameterMismatchException: "another writer may have been faster; run the command again",
    errors.InternalFailure: _LATER,
    errors.InvalidParameterValueException: "correct the value that the message names",
    errors.RequestAbortedException: _LATER,
    errors.RequestTimeoutException: _LATER,
    errors.ResourceInUseException: "try again after the build",
    errors.ResourceNotFoundException: "look at the ARN's name, and at the account and the Region that are called",
    errors.ServiceException: _LATER,
    errors.ServiceUnavailableException: _LATER,
}


def told(error: BaseException) -> str:
    """
    Return the text of an *error*, which learns the command's remedy.
    """
    if isinstance(error, errors.ImageBuilderDistError):
        classes: tuple[type, ...] = (type(error.__cause__), *type(error).__mro__)
        error.remedy = next((_REMEDIES[cls] for cls in classes if cls in _REMEDIES), error.remedy)
    return str(error) or repr(error)
