"""
Steps that are told to do nothing.
"""

import pytest

from imagebuilder_dist import steps

from .edited import TWO


def test_sharing_with_nobody_at_all_is_an_error() -> None:
    with pytest.raises(TypeError, match=r"^share_with needs user_ids, .*: partial\(share_with, user_ids=\[\.\.\.\]\)$"):
        steps.share_with(TWO)
    with pytest.raises(TypeError, match=r"^stop_sharing_with needs user_ids, organization_arns or organiz"):
        steps.stop_sharing_with(TWO, regions=["us-west-2"])


def test_an_empty_list_changes_nothing() -> None:
    """
    A computed list may be empty.
    """
    assert steps.share_with(TWO, user_ids=[]) == TWO
    assert steps.stop_sharing_with(TWO, organization_arns=[]) == TWO
    assert steps.add_target_accounts(TWO, []) == TWO
