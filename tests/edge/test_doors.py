"""Which of two apps answers."""

import pytest

from appliance.edge.doors import Doors


def app(name, seen):
    async def answer(scope, receive, send):
        seen.append((name, scope["path"]))

    return answer


@pytest.mark.parametrize(("path", "who"), [("/me", "pages"), ("/v1/me", "api"), ("/", "pages")])
async def test_the_path_alone_decides(path, who):
    seen = []
    doors = Doors(pages=app("pages", seen), api=app("api", seen), is_page=lambda path: path in {"/", "/me"})
    headers = [(b"accept", b"text/html"), (b"x-original-url", b"/v1/me")]
    await doors({"type": "http", "path": path, "headers": headers}, None, None)
    assert seen == [(who, path)]
