"""
What type checkers say about tests that use the kit.
"""

from typing import Any, assert_type

import imagebuilder_dist as ibd
from imagebuilder_dist import aio
from imagebuilder_dist.testing import Delay, Exchange, LocalImageBuilder, Reply, examples, expected_params

WEB = examples.minimal(ibd.Distribution)
CREATE = ibd.CreateDistributionConfigurationRequest(name="web", distributions=[WEB])


class Mine:
    def answer(self, exchange: Exchange, /) -> Reply | None:
        assert_type(exchange.request.applied, bool)
        return exchange.answer()


def local(local: LocalImageBuilder) -> None:
    assert_type(examples.complete(ibd.Distribution), ibd.Distribution)
    assert_type(local.client(), ibd.DistributionConfigurationClient)
    assert_type(local.aio(account_id="123456789012"), aio.DistributionConfigurationClient)
    assert_type(local.put([WEB]), ibd.DistributionConfiguration)
    local.put(CREATE)
    local.put("web")  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
    local.inject(Mine(), Delay(1), Reply(200, {}, b""), times=None)
    local.inject(Delay)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
    local.inject("Delay")  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
    local.forbid("DeleteDistributionConfiguration")
    assert_type(local.requests[-1].client_token, str | None)


def stubber() -> None:
    assert_type(expected_params(CREATE), dict[str, Any])
    expected_params(WEB)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
