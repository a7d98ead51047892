"""Redis and PostgreSQL go away and come back."""

from dataclasses import replace

import pytest

from tests.delivery import services
from tests.delivery.scale import SHORT


@pytest.mark.parametrize(
    "fault",
    [
        services.redis_killed,
        pytest.param(services.redis_flushed, marks=pytest.mark.proof),
        pytest.param(services.redis_cuts_subscribers, marks=pytest.mark.proof),
        pytest.param(services.redis_black_hole, marks=pytest.mark.proof),
    ],
)
async def test_people_go_on_without_redis_and_miss_nothing(clusters, proved, fault):
    proved(await fault(clusters.of(), SHORT))


@pytest.mark.proof
async def test_without_postgresql_nothing_is_promised_and_all_comes_back(clusters, proved):
    proved(await services.postgres_stopped(clusters.of(), replace(SHORT, posts_per_second=20), clusters.postgres))
