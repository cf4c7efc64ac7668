"""
Other libraries that could stand before boto3, each used as its documentation says.
"""

from collections.abc import Callable, Mapping
from typing import Any

import attrs

from tests.benchmarks.peers import with_mashumaro, with_msgspec, with_pydantic, with_troposphere
from tests.benchmarks.workloads import Document


@attrs.frozen
class Peer:
    build: Callable[[Document], Any]
    dump: Callable[[Any], Document]
    prepare: Callable[[Document], Document] = dict
    """Writes a document as the peer's users do; not measured."""

    lacks: frozenset[str] = frozenset()
    """Members that the peer can't say."""


PEERS: Mapping[str, Peer] = {
    "pydantic": Peer(with_pydantic.build, with_pydantic.dump),
    "msgspec": Peer(with_msgspec.build, with_msgspec.dump),
    "mashumaro": Peer(with_mashumaro.build, with_mashumaro.dump),
    "troposphere": Peer(
        with_troposphere.build, with_troposphere.dump, with_troposphere.prepare, with_troposphere.LACKS
    ),
}
