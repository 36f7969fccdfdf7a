"""The key of a card, typed as it stands there."""

from tests.web.fakes import WebBox


async def test_blanks_between_the_groups_do_no_harm():
    async with WebBox().browser() as browser:
        answer = await browser.send("/login", key=" crl_ stu dent ", to="me")
    assert (answer.status_code, answer.headers["location"]) == (303, "/me")
