"""The operator's client gives back results and the gateway's own errors."""

import socket

import pytest

from appliance import errors
from appliance.client.admin import AdminClient


def tree(cls):
    return [cls, *(below for child in cls.__subclasses__() for below in tree(child))]


# Modules have errors of their own that never leave them.
TOLD = [one for one in tree(errors.CarrelError) if one.__module__.startswith(errors.__name__)]


@pytest.mark.parametrize("kind", TOLD, ids=lambda one: one.__name__)
def test_an_error_arrives_as_the_class_it_left_as(box, client, kind):
    box.handlers.answers["status"] = kind("Do this next.", param="model", retry_after_s=9)
    with pytest.raises(errors.CarrelError) as raised:
        client.run("status")
    assert type(raised.value) is kind
    assert raised.value.message == "Do this next."
    assert raised.value.param == "model"
    assert raised.value.retry_after_s == 9


def test_a_defect_of_a_handler_tells_nothing_but_the_request_id(box, client):
    box.handlers.answers["status"] = ZeroDivisionError("at /srv/secret")
    with pytest.raises(errors.CarrelError) as raised:
        client.run("status")
    assert type(raised.value) is errors.CarrelError
    assert "/srv" not in raised.value.message


def test_no_socket_means_that_the_gateway_does_not_run(tmp_path):
    with AdminClient(tmp_path / "none") as client, pytest.raises(errors.GatewayNotRunning, match="carrel up"):
        client.run("status")


def test_a_socket_that_a_killed_gateway_left_means_the_same(tmp_path):
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(tmp_path / "left"))
    with AdminClient(tmp_path / "left") as client, pytest.raises(errors.GatewayNotRunning):
        client.run("status")


def test_a_gateway_that_does_not_answer_is_not_waited_for_without_end(tmp_path):
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(tmp_path / "silent"))
        silent.listen()
        with (
            AdminClient(tmp_path / "silent", answer_timeout_s=0.05) as client,
            pytest.raises(errors.RequestTimeout),
        ):
            client.run("status")


def test_a_gateway_of_another_version_is_told_apart_from_a_broken_one(box, client):
    class Odd(errors.CarrelError):
        code = "from_the_future"

    box.handlers.answers["status"] = Odd("New trouble.")
    with pytest.raises(errors.CarrelError, match="New trouble"):
        client.run("status")
