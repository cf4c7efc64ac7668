"""
What to do about an error, in terms of the command line: the library's own remedies name Python arguments.
"""

from collections.abc import Mapping

from botocore.exceptions import NoRegionError, ProfileNotFound

from imagebuilder_dist import errors

_LATER = "try again later"
_LESS_OFTEN = "try again later, or run fewer commands at once; AWS_MAX_ATTEMPTS sets the number of attempts"

_READS_UNCHANGED = (
    "run the command again in a minute; if that fails too and nothing else writes, change the description in the "
    "console, which gives the configuration a new state, and run the command again"
)
_REMEDIES: Mapping[type, str] = {
    NoRegionError: "pass --region, or set AWS_DEFAULT_REGION or the profile's region",
    ProfileNotFound: "check --profile, AWS_PROFILE and ~/.aws/config",
    errors.UnmodelledSettingsError: "upgrade imagebuilder_dist, which may know them by now",
    errors.ConcurrentModificationError: "review the difference and run the command again",
    errors.TransportError: "check the network, the proxy and the endpoint",
    errors.TlsVerificationError: (
        "if the server or proxy is yours, set AWS_CA_BUNDLE, or ca_bundle in the profile, to a file with the "
        "certificates to trust"
    ),
    errors.ResponseError: "check what is between you and AWS, such as a proxy",
    errors.CallRateLimitExceededException: _LESS_OFTEN,
    errors.TooManyRequestsException: _LESS_OFTEN,
    errors.IdempotentParameterMismatchException: "another writer may have been faster; run the command again",
    errors.InvalidParameterValueException: "correct the value that the message names",
    errors.ResourceInUseException: "try again after the build",
    errors.ResourceNotFoundException: "check the name in the ARN, and the account and the Region that you call",
    errors.ServiceException: _LATER,
    errors.ServiceUnavailableException: _LATER,
}


def message_of(error: BaseException) -> str:
    """
    Return the error's text, with the command's remedy instead of the library's if there is one.
    """
    if isinstance(error, errors.ImageBuilderDistError):
        classes: tuple[type, ...] = (type(error.__cause__), *type(error).__mro__)
        error.remedy = next((_REMEDIES[cls] for cls in classes if cls in _REMEDIES), error.remedy)
        if isinstance(error, errors.ConcurrentModificationError) and error.reads_unchanged:
            error.remedy = _READS_UNCHANGED
    return str(error) or repr(error)
