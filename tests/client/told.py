"""
A client whose log and attempts are recorded.
"""

from typing import Any

import imagebuilder_dist as ibd
from imagebuilder_dist.testing import AnswerError, LocalImageBuilder

CREATE = "CreateDistributionConfiguration"
GET = "GetDistributionConfiguration"
THROTTLED = AnswerError("CallRateLimitExceededException")


def own(session: Any, local: LocalImageBuilder, **retries: Any) -> ibd.DistributionConfigurationClient:
    given: Any = {"sleep": lambda _: None, "clock": lambda: 0.0, "random": lambda: 1.0, **retries}
    return ibd.DistributionConfigurationClient(session=session, endpoint_url=local.url, retries=ibd.Retries(**given))
