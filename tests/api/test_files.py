"""Files over HTTP: streamed in, bounded, their owner's, whatever the form looks like."""

import asyncio

import pytest

from tests.api.fakes import KEY, OTHER_KEY
from tests.raw_connection import connected

LINE = b'{"custom_id":"a"}\n'


async def send(served, content=LINE, *, name="in.jsonl", purpose="batch", **more):
    data = {} if purpose is None else {"purpose": purpose}
    return await served.http.post("/v1/files", data={**data, **more}, files={"file": (name, content)})


async def test_a_file_comes_back_as_it_was_sent(served):
    content = bytes(range(256)) * 9000  # more than a request's body may have
    sent = (await send(served, content, name="Übung.jsonl")).json()
    assert sent["object"] == "file"
    assert (sent["bytes"], sent["filename"], sent["purpose"]) == (len(content), "Übung.jsonl", "batch")
    assert sent["status"] == "processed"
    shown = await served.http.get(f"/v1/files/{sent['id']}")
    assert shown.json() == sent
    answer = await served.http.get(f"/v1/files/{sent['id']}/content")
    assert answer.content == content
    assert answer.headers["content-disposition"] == "attachment"
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_the_parts_of_the_form_may_come_in_any_order(served):
    files = [("file", ("a.jsonl", LINE)), ("purpose", (None, b"batch")), ("other", (None, b"ignored"))]
    assert (await served.http.post("/v1/files", files=files)).status_code == 200


@pytest.mark.parametrize(
    "name", ["../../../etc/passwd", "/etc/passwd", "..\\..\\boot.ini", "a\x00b", "\u202egpj"]
)
async def test_no_name_of_a_client_is_in_any_path(served, nights, name):
    sent = (await send(served, name=name)).json()
    assert not set("/\\\x00\u202e") & set(sent["filename"])
    assert list(nights.shelf.contents) == [sent["id"]]


async def test_a_file_over_its_limit_is_refused_and_leaves_nothing(served, nights, error_of):
    refused = await send(served, b"x" * (3 * 2**20 + 1))
    assert (refused.status_code, error_of(refused)["code"]) == (413, "body_too_large")
    assert (nights.files.rows, nights.shelf.contents, nights.shelf.drafts) == ([], {}, 0)


async def test_a_form_that_says_it_is_too_long_is_refused_unread(served):
    async with connected(served.port) as (reader, writer):
        head = f"POST /v1/files HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {KEY}\r\n"
        head += "content-type: multipart/form-data; boundary=b\r\ncontent-length: 99999999999\r\n\r\n"
        writer.write(head.encode())
        async with asyncio.timeout(5):
            assert b" 413 " in await reader.readline()


async def test_a_full_disk_is_a_503_and_leaves_nothing(served, nights, error_of):
    nights.shelf.full = True
    refused = await send(served)
    assert (refused.status_code, error_of(refused)["code"]) == (503, "insufficient_storage")
    assert (nights.files.rows, nights.shelf.drafts) == ([], 0)


@pytest.mark.parametrize(
    ("form", "param"),
    [
        ({"data": {"purpose": "batch"}, "files": {"other": ("a", b"x")}}, "file"),
        ({"files": {"file": ("a", b"x")}}, "purpose"),
        ({"data": {"purpose": "fine-tune"}, "files": {"file": ("a", b"x")}}, "purpose"),
        ({"data": {"purpose": "batch"}, "files": [("file", ("a", b"x")), ("file", ("b", b"y"))]}, "file"),
        (
            {"data": {"purpose": "batch", "expires_after[seconds]": "9999"}, "files": {"file": b"x"}},
            "expires_after",
        ),
        (
            {
                "data": {
                    "purpose": "batch",
                    "expires_after[anchor]": "created_at",
                    "expires_after[seconds]": "-5",
                },
                "files": {"file": b"x"},
            },
            "expires_after",
        ),
    ],
)
async def test_a_form_that_lacks_something_is_told_what(served, nights, error_of, form, param):
    refused = await served.http.post("/v1/files", **form)
    assert (refused.status_code, error_of(refused)["param"]) == (400, param)
    assert nights.shelf.contents == {}


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/json", b"{}"),
        ("multipart/form-data", b"x"),
        ("multipart/form-data; boundary=" + "b" * 201, b"x"),
        ("multipart/form-data; boundary=b", b""),
        ("multipart/form-data; boundary=b", b"no form at all"),
        ("multipart/form-data; boundary=b", b'--b\r\nContent-Disposition: form-data; name="file"\r\n\r\ncut'),
        ("multipart/form-data; boundary=b", b"--b\r\n" + b"A: " + b"x" * 9000 + b"\r\n\r\n\r\n--b--"),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n' * 40,
        ),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="purpose"\r\n\r\n' + b"x" * 9000 + b"\r\n--b--",
        ),
        ("multipart/form-data; boundary=b", b"\xff" * 5000),
    ],
)
async def test_what_is_no_form_is_a_400_and_leaves_nothing(served, nights, error_of, kind, body):
    refused = await served.http.post("/v1/files", content=body, headers={"content-type": kind})
    assert refused.status_code == 400
    error_of(refused)
    assert (nights.files.rows, nights.shelf.drafts) == ([], 0)


async def test_a_client_that_leaves_in_the_middle_leaves_nothing(served, nights):
    async with connected(served.port) as (_, writer):
        head = f"POST /v1/files HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {KEY}\r\n"
        head += "content-type: multipart/form-data; boundary=b\r\ncontent-length: 1000000\r\n\r\n"
        writer.write(
            head.encode() + b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nx'
        )
        async with asyncio.timeout(5):
            while not nights.shelf.drafts:
                await asyncio.sleep(0.001)
    async with asyncio.timeout(5):
        while nights.shelf.drafts:
            await asyncio.sleep(0.001)
    assert nights.shelf.contents == {}


async def test_lists_go_page_by_page_in_either_direction(served):
    ids = [(await send(served, name=f"{number}")).json()["id"] for number in range(3)]
    first = (await served.http.get("/v1/files", params={"limit": 2})).json()
    assert [one["id"] for one in first["data"]] == [ids[2], ids[1]]
    assert (first["has_more"], first["first_id"], first["last_id"]) == (True, ids[2], ids[1])
    rest = (await served.http.get("/v1/files", params={"limit": 2, "after": first["last_id"]})).json()
    assert ([one["id"] for one in rest["data"]], rest["has_more"]) == ([ids[0]], False)
    oldest = (await served.http.get("/v1/files", params={"order": "asc", "limit": 1})).json()
    assert [one["id"] for one in oldest["data"]] == [ids[0]]
    none = (await served.http.get("/v1/files", params={"purpose": "batch_output"})).json()
    assert (none["data"], none["first_id"]) == ([], None)


@pytest.mark.parametrize(
    "query", [{"limit": "0"}, {"limit": "-1"}, {"limit": "10001"}, {"limit": "x"}, {"order": "up"}]
)
async def test_a_page_that_cannot_be_is_refused(served, error_of, query):
    refused = await served.http.get("/v1/files", params=query)
    assert (refused.status_code, error_of(refused)["param"]) == (400, next(iter(query)))


async def test_what_belongs_to_another_is_not_there(served, error_of):
    sent = (await send(served)).json()
    headers = {"authorization": f"Bearer {OTHER_KEY}"}
    for method, path in (
        ("GET", f"/v1/files/{sent['id']}"),
        ("GET", f"/v1/files/{sent['id']}/content"),
        ("DELETE", f"/v1/files/{sent['id']}"),
        ("GET", f"/v1/files?after={sent['id']}"),
    ):
        refused = await served.http.request(method, path, headers=headers)
        assert (refused.status_code, error_of(refused)["code"]) == (404, "not_found"), path
    listed = await served.http.get("/v1/files", headers=headers)
    assert listed.json()["data"] == []
    assert (await served.http.get(f"/v1/files/{sent['id']}")).status_code == 200


async def test_a_deleted_file_is_gone(served, nights):
    sent = (await send(served)).json()
    gone = await served.http.delete(f"/v1/files/{sent['id']}")
    assert gone.json() == {"id": sent["id"], "object": "file", "deleted": True}
    assert (await served.http.get(f"/v1/files/{sent['id']}")).status_code == 404
    assert nights.shelf.contents == {}


async def test_other_bodies_are_no_longer_than_before(served):
    refused = await served.post_raw(b'"' + b"x" * 2**20 + b'"')
    assert refused.status_code == 413


@pytest.mark.parametrize(
    "name", ["%ff", "%ed%a0%80", "%00", "..%2f..%2fcarrel.db", "a" * 5000, "file-%F0%9F%98%80"]
)
async def test_a_name_that_no_file_has_is_a_404_whatever_it_is(served, name):
    for path in (f"/v1/files/{name}", f"/v1/files/{name}/content", f"/v1/batches/{name}"):
        assert (await served.http.get(path)).status_code == 404, path
    assert (await served.http.get(f"/v1/files?after={name}")).status_code == 404
    assert (await served.http.delete(f"/v1/files/{name}")).status_code == 404
