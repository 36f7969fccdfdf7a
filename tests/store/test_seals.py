"""What a file was found to be is kept until it is read again, or gone."""

from dataclasses import replace

from appliance.domain.verification import FileSeal

SEAL = FileSeal(
    recipe_id="tiny",
    name="tiny.gguf",
    sha256="a" * 64,
    device=2**64 - 1,
    inode=2**64 - 2,
    size_bytes=2**40,
    mtime_ns=1_790_000_000_123_456_789,
    ctime_ns=-1,
    read_ms=1_790_000_000_000,
)


async def test_a_seal_comes_back_as_it_went_in(store):
    await store.seals.keep(SEAL)
    assert await store.seals.all() == [SEAL]


async def test_reading_again_takes_the_place_of_what_was_found(store):
    await store.seals.keep(SEAL)
    wrong = replace(SEAL, read_ms=SEAL.read_ms + 1, reason="tiny.gguf is not the file of the recipe.")
    await store.seals.keep(wrong)
    assert await store.seals.all() == [wrong]


async def test_what_is_gone_is_forgotten_and_nothing_else(store):
    others = [replace(SEAL, name="other.gguf"), replace(SEAL, recipe_id="other")]
    for seal in (SEAL, *others):
        await store.seals.keep(seal)
    await store.seals.forget("tiny", "tiny.gguf")
    await store.seals.forget("tiny", "never.gguf")
    assert sorted(await store.seals.all(), key=lambda one: one.recipe_id, reverse=True) == others
