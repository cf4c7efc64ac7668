"""
What saves botocore work in a client that we make, and in no other.

It leans on botocore's insides, so where they are different, everything goes the ordinary way.
"""

from typing import Any


def pass_on_distributions(client: Any) -> bool:
    """
    Let *client* pass distributions on as they are, instead of copying them shape by shape.

    That takes up to two thirds of a call's CPU time, and what we send is plain and validated already.
    A shape that its model marks as a document botocore hands on whole.

    Returns:
        Whether what the client gets is passed on too, with all that the service has sent.
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


def keep_user_agent(client: Any) -> None:
    """
    Let *client* put its `User-Agent` together once, and not twice for each request, a seventh of the CPU time.

    What is lost is which of botocore's features a single request used, which AWS counts.
    """
    creator: Any = getattr(client, "_user_agent_creator", None)
    if hasattr(creator, "to_string"):
        agent = creator.to_string()
        creator.to_string = lambda: agent
