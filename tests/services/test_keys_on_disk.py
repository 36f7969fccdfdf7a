"""No key is ever on the disk: not in the database, its log, or beside it."""

from appliance.services.keys import KeyService
from appliance.store.store import Store


async def test_fifty_keys_leave_no_secret_in_any_file(tmp_path, directory, clock):
    store = Store.open(tmp_path / "data" / "carrel.db", clock)
    service = KeyService(store.keys, directory, clock)
    secrets = [(await service.issue(name=f"key {number}")).secret.encode() for number in range(50)]
    await service.revoke(id=(await service.show_all()).keys[0].id)
    written = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    store.close()
    written += b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"key 49" in written
    assert not [secret for secret in secrets if secret[4:31] in written]


async def test_keys_of_the_real_store_are_recognized_after_a_restart(tmp_path, directory, clock):
    path = tmp_path / "data" / "carrel.db"
    store = Store.open(path, clock)
    issued = await KeyService(store.keys, directory, clock).issue(name="laptop")
    store.close()
    store = Store.open(path, clock)
    service = KeyService(store.keys, directory, clock)
    await service.load()
    assert (await service.authenticate(issued.secret)).key_id == issued.key.id
    store.close()
