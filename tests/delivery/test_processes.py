"""Processes that die, that are told to go, and that speak too late or not at all."""

import pytest

from tests.delivery import processes
from tests.delivery.scale import SHORT


async def test_nothing_is_lost_when_processes_are_killed(clusters, proved):
    proved(await processes.kills(clusters.of(), SHORT))


@pytest.mark.proof
async def test_nothing_is_lost_by_any_road_when_processes_are_killed(clusters, proved):
    proved(await processes.kills_by_every_road(clusters.of(), SHORT))


@pytest.mark.proof
async def test_without_redis_the_database_alone_holds_killed_processes_together(clusters, proved):
    proved(await processes.kills(clusters.of(redis=False), SHORT))


@pytest.mark.proof
async def test_one_process_on_sqlite_may_be_killed(clusters, proved):
    proved(await processes.kills(clusters.of(1, database="sqlite", redis=False), SHORT))


@pytest.mark.proof
async def test_swallowed_acks_are_resolved_by_sending_again_elsewhere(clusters, proved):
    proved(await processes.swallowed_acks(clusters.of(faults="swallow_acks"), SHORT))


@pytest.mark.proof
async def test_late_announcements_leave_identical_views_without_gaps(clusters, proved):
    proved(await processes.delayed_announcements(clusters.of(faults="delay_announcements"), SHORT))


@pytest.mark.proof
async def test_who_is_told_to_stop_loses_nothing_and_says_goodbye(clusters, proved):
    proved(await processes.drains(clusters.of(), SHORT))
