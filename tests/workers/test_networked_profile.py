"""A worker that computes with other machines keeps the network, and loses all else that a worker loses."""

import asyncio

import msgspec
import pytest

from tests.workers.test_confinement import EVERY_CHILD


@pytest.fixture
async def port():
    server = await asyncio.start_server(lambda reader, writer: writer.close(), "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


@pytest.fixture
def networked(spec):
    return lambda *args, **more: msgspec.structs.replace(spec(*args, **more), networked=True)


async def test_it_connects_to_others(start_replica, networked, rogue_environment, port):
    replica = await start_replica(
        networked("rogue", say="connect", argument=port), child_environment=rogue_environment
    )
    assert replica.facts.engine_build == "connected"


async def test_its_profile_is_named_among_its_walls(start_replica, networked):
    assert "networked" in (await start_replica(networked())).confinement


async def test_all_other_walls_stand(start_replica, spec, networked):
    usual = set((await start_replica(spec())).confinement)
    assert usual >= EVERY_CHILD
    assert set((await start_replica(networked())).confinement) == usual - {"no-network", "no-tcp"} | {
        "networked"
    }


async def test_the_preparer_of_such_a_model_has_no_network(start_preparer, spec, networked):
    usual = set((await start_preparer(spec())).confinement)
    assert set((await start_preparer(networked())).confinement) == usual
    assert "networked" not in usual
