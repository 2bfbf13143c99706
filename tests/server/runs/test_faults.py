"""Runs that survive faults: one round of each kind of `faults`, which does as many as one wants."""

import random
from pathlib import Path

import pytest

from tests.runs.redis_server import RedisServer
from tests.runs.stores import redis_store, sqlite_store
from tests.server.runs import clocks, faults
from tests.server.runs.doomed import PHASES


@pytest.mark.parametrize("phase", PHASES)
async def test_what_a_killed_worker_had_delivered_is_there_and_marked(phase: str):
    await faults.killed(phase)


@pytest.mark.parametrize("phase", PHASES)
async def test_a_run_whose_worker_was_killed_goes_on_at_another_one_and_no_tool_runs_again(
    phase: str,
):
    await faults.killed(phase, goes_on=True)


@pytest.mark.parametrize("store", ["memory", "sqlite"])
def test_readers_that_are_cut_at_any_byte_get_the_same(store: str):
    with faults.serving(store) as (server, pages):
        for seed in range(2):
            faults.cut(server, pages, random.Random(seed))


async def test_what_a_killed_worker_had_delivered_is_there_over_redis():
    with RedisServer() as server:
        for phase in ("in text", "in a tool"):
            await faults.killed(phase, server.url)
            await faults.killed(phase, server.url, goes_on=True)


async def test_a_redis_that_is_killed_and_started_again_loses_nothing():
    await faults.stopped(random.Random(1))


async def test_a_disk_that_is_full_for_a_while_loses_nothing():
    for seed in range(3):
        await faults.full(random.Random(seed))


@pytest.mark.parametrize("clock", clocks.CLOCKS)
async def test_a_clock_that_jumps_loses_nothing(clock: str, tmp_path: Path):
    await clocks.jumped(sqlite_store(tmp_path), clock, "in a tool", 3600)


@pytest.mark.parametrize("seconds", [-3600, 3600])
async def test_a_clock_of_redis_that_jumps_loses_nothing(seconds: float):
    with RedisServer() as server:
        for clock, phase in zip(clocks.CLOCKS, PHASES[1::2], strict=True):
            await clocks.jumped(redis_store(server.url), clock, phase, seconds)
