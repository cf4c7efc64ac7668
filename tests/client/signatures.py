"""
The credentials that a request is signed with.
"""

from typing import Any

import imagebuilder_dist as ibd
from imagebuilder_dist.testing import LocalImageBuilder


def credential_of(client: ibd.DistributionConfigurationClient) -> str:
    """Return the access key, day, Region and service of a request's signature."""
    theirs: Any = vars(client)["_client"]
    LocalImageBuilder().attach(theirs)
    signed: list[str] = []

    def note(request: Any, **_: object) -> None:
        signed.append(request.headers["Authorization"].decode())

    theirs.meta.events.register_first("before-send.imagebuilder", note)
    list(client.list_distribution_configurations())
    return signed[0].partition("Credential=")[2].partition(",")[0]
