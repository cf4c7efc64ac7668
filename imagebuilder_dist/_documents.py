"""
What botocore is told about the clients that we make: distributions are documents, to be passed on as they are.

botocore copies what it sends and receives shape by shape, which takes up to two thirds of a call's CPU time.
A shape that its model marks as a document it hands on whole, and what we send is plain and validated already.
That leans on botocore's insides, so where they are different, everything goes the ordinary way.
"""

from typing import Any


def pass_on(client: Any) -> bool:
    """
    Let *client*, which nobody else may use, pass distributions on as they are.

    Returns:
        Whether what it gets is passed on too, with all that the service has sent.
    """
    from botocore.parsers import create_parser  # noqa: PLC0415 - slow to import, and whoever has a client has it

    model: Any = client.meta.service_model  # of this client alone
    try:
        for operation in ("CreateDistributionConfiguration", "UpdateDistributionConfiguration"):
            model.operation_model(operation).input_shape.members["distributions"].member.is_document_type = True
        answer = model.operation_model("GetDistributionConfiguration").output_shape
        answer.members["distributionConfiguration"].is_document_type = True
        parsed: dict[str, Any] = create_parser(model.metadata["protocol"]).parse(_ANSWER, answer)
    except (AttributeError, KeyError):
        return False
    return bool(parsed.get("distributionConfiguration") == {"brandNew": None})


_ANSWER: Any = {"status_code": 200, "headers": {}, "body": b'{"distributionConfiguration": {"brandNew": null}}'}
