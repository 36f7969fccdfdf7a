"""A box whose lead has one class, as its pages see it; actions answer from ``lesson_results``."""

import dataclasses

from appliance.domain.results import ClassList
from appliance.web.app import web_app
from appliance.web.parts import WebParts
from tests.web.fakes import WebBox
from tests.web.lesson_results import (
    cards,
    detail,
    line,
    poll,
    rehearsal,
    report,
    roster,
    screen,
    seat_key,
    seats,
)

CHANGES = (
    "class.open",
    "class.pause",
    "class.resume",
    "class.close",
    "class.message",
    "class.set",
    "class.new",
)


class _Standing:
    """Whatever it stands for now."""

    def stand_for(self, something):
        self._for = something

    def __getattr__(self, name):
        return getattr(self.__dict__["_for"], name)

    def __call__(self, *given, **named):
        return self._for(*given, **named)


class PooledBox(WebBox):
    """All share one app, since making it takes longer than most tests: it has the parts of the box that was
    asked last.
    """

    _shared = None

    @property
    def app(self):
        parts = self.parts
        if PooledBox._shared is None:
            standing = {field.name: _Standing() for field in dataclasses.fields(WebParts)}
            PooledBox._stand_for(standing, parts)
            PooledBox._shared = standing, web_app(WebParts(**standing))
        standing, app = PooledBox._shared
        self._stand_for(standing, parts)
        return app

    @staticmethod
    def _stand_for(standing, parts):
        for name, one in standing.items():
            one.stand_for(getattr(parts, name))


def class_box(**detail_changes) -> WebBox:
    box = PooledBox()
    shown = detail(**detail_changes)
    box.operations.answers.update(
        {
            **dict.fromkeys((*CHANGES, "class.show"), shown),
            "class.list": ClassList(classes=(line(),)),
            "class.seats": seats(),
            "class.top-up": seats(),
            "class.release": seats(),
            "class.projector": screen(),
            "class.join-screen": screen(),
            "class.cards": cards(2),
            "class.reissue": seat_key(),
            "class.roster": roster(),
            "class.poll": poll(),
            "class.rehearse": rehearsal(),
            "class.report": report(),
        }
    )
    return box
