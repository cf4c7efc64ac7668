"""
The test kit's examples and strategies.
"""

from typing import Any

import pytest

import imagebuilder_dist as ibd
from imagebuilder_dist import models
from imagebuilder_dist._common.attributes import members_of
from imagebuilder_dist.models import MODELS, RESULTS
from imagebuilder_dist.testing import examples

CLASSES = pytest.mark.parametrize("cls", MODELS + RESULTS, ids=lambda cls: cls.__name__)


@CLASSES
def test_a_minimal_example_cannot_do_with_less(cls: Any) -> None:
    value = examples.minimal(cls)

    assert value.__class__ is cls
    optional = {member.attribute for member in members_of(cls) if member.is_optional}
    given_too = {name for name in optional if getattr(value, name)}
    # A Region needs an output, and the service always shows these of a configuration.
    assert given_too <= {"ami_distribution_configuration", "name", "distributions", "timeout_minutes"}


@CLASSES
def test_a_complete_example_has_every_member(cls: Any) -> None:
    value = examples.complete(cls)

    assert value.__class__ is cls
    missing = {member.attribute for member in members_of(cls) if not getattr(value, member.attribute)}
    # A template is given by id or by name, and a create that is a dry run creates nothing.
    assert missing <= {"launch_template_name", "dry_run"}


@pytest.mark.parametrize(
    "request_",
    [
        find(cls)
        for find in (examples.minimal, examples.complete)
        for cls in (ibd.UpdateDistributionConfigurationRequest, ibd.CreateDistributionConfigurationRequest)
    ],
)
def test_an_example_is_accepted(request_: models.UpdateDistributionConfigurationRequest) -> None:
    assert [issue for issue in ibd.validate(request_) if issue.severity == "error"] == []


def test_there_are_examples_of_this_librarys_classes_only() -> None:
    with pytest.raises(TypeError, match=r"examples of imagebuilder_dist's models and results only, not of .*int"):
        examples.minimal(int)
