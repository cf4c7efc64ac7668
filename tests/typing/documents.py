"""
What type checkers make of documents.
"""

from pathlib import Path
from typing import assert_type

import imagebuilder_dist as ibd
from imagebuilder_dist import documents


def send(client: ibd.DistributionConfigurationClient, path: Path) -> None:
    document = documents.load(path, format="cloudformation", parameters={"A": "b", "C": ["d"]})
    assert_type(
        document.request, ibd.CreateDistributionConfigurationRequest | ibd.UpdateDistributionConfigurationRequest
    )
    assert_type(document.distributions, tuple[ibd.Distribution, ...])
    client.send(document.request)
    documents.dump(document.content, path)
    documents.dump(document.request, path, format="yaml")
    documents.dump(5, path)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
    documents.load(path, format="toml")  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]


def report(error: documents.DocumentError) -> None:
    for issue in error.issues:
        assert_type(issue.line, int)
