"""The catalog over HTTP: its files, kept by whoever may keep them, and nothing else of the machine."""

import asyncio
import os

import pytest

from tests.catalog.signed_catalogs import Box
from tests.raw_connection import connected
from tests.registry.registries import Standing
from tests.registry.web_registries import web


@pytest.fixture(scope="module")
def registry(tmp_path_factory):
    at = tmp_path_factory.mktemp("standing")
    standing = Standing(at, lambda registry: registry.add("tiny").publish())
    registry = standing.copied_to(at / "copy")
    secret = registry.folder.web / "secret.json"
    secret.write_text("never")
    (registry.folder.tuf / "metadata" / "9.linked.json").symlink_to(secret)
    (registry.folder.tuf / "metadata" / ".hidden.json").write_text("never")
    os.mkfifo(registry.folder.tuf / "metadata" / "9.pipe.json")
    (registry.folder.tuf / "targets" / "outside").symlink_to(registry.folder.web, target_is_directory=True)
    return registry


async def test_files_that_never_change_may_be_kept_and_the_others_are_asked_for_again(registry):
    async with web(catalog=registry.folder.tuf) as http:
        root = await http.get("tuf/metadata/1.root.json")
        timestamp = await http.get("tuf/metadata/timestamp.json")
        (recipe,) = (registry.folder.tuf / "targets").glob("models/tiny/*.toml")
        target = await http.get(f"tuf/targets/models/tiny/{recipe.name}")
    assert root.content == (registry.folder.tuf / "metadata" / "1.root.json").read_bytes()
    assert target.content == recipe.read_bytes()
    assert "immutable" in root.headers["cache-control"]
    assert "immutable" in target.headers["cache-control"]
    assert timestamp.headers["cache-control"] == "no-cache"
    assert timestamp.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "path",
    [
        "/tuf/metadata/../../keys/statements.pem",
        "/tuf/metadata/%2e%2e/%2e%2e/keys/statements.pem",
        "/tuf/metadata/..%2f..%2fkeys%2fstatements.pem",
        "/tuf/../keys/statements.pem",
        "/tuf/keys/statements.pem",
        "/tuf/metadata//etc/passwd",
        "/tuf//etc/passwd",
        "/tuf/metadata/9.linked.json",
        "/tuf/metadata/.hidden.json",
        "/tuf/metadata/9.pipe.json",
        "/tuf/targets/outside/secret.json",
        "/tuf/targets/outside/keys/statements.pem",
        "/tuf/metadata/1.root.json%00.json",
        "/tuf/metadata",
        "/tuf/metadata/",
        "/tuf/targets/models",
        "/tuf/",
        "/tuf/metadata/2.root.json",
    ],
)
async def test_nothing_but_the_catalogs_own_files_is_served(registry, path):
    async with web(catalog=registry.folder.tuf) as http, connected(http.base_url.port) as (reader, writer):
        writer.write(f"GET {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n".encode())
        answer = await asyncio.wait_for(reader.read(), 5)
    assert b" 404 " in answer.partition(b"\r\n")[0]
    assert b"PRIVATE" not in answer
    assert b"never" not in answer
    assert b"root:" not in answer


async def test_a_box_refreshes_from_it(registry, tmp_path):
    box = registry.box(tmp_path / "box")
    async with web(catalog=registry.folder.tuf) as http:
        where = box.folders.trusted / "lab" / "catalog.toml"
        where.write_text(f'address = "{str(http.base_url).rstrip("/")}/tuf"\nplain_http = true\n')
        over_network = Box(tmp_path / "box")
        outcome = await asyncio.to_thread(over_network.refresh)
    assert outcome.outcome == "refreshed", outcome.reason
    assert set(over_network.recipes()) == {"tiny"}
    assert over_network.catalogs.registry_keys("lab") is not None
