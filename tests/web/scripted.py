"""A box of pages whose models answer by script."""

from appliance.wiring.page_answers import PageAnswers
from tests.api.fakes import FakeGenerations
from tests.web.fakes import WebBox


class NoVote:
    """No class votes on anything."""

    def current(self, class_id):
        return None


def scripted_box():
    """The box, and what it answers from."""
    box, generations = WebBox(), FakeGenerations()
    box.answers, box.polls = PageAnswers(generations), NoVote()
    return box, generations
