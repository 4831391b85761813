"""Where the event log is: settings that are wrong fail at start and say what they should hold."""

from __future__ import annotations

import pytest
from django.core.exceptions import ImproperlyConfigured

from decisioning import environment as env


@pytest.mark.parametrize(
    ("read", "value", "said"),
    [
        (lambda: env.choice("TRIED", "redis", of={"redis", "kafka"}), "rabbit", "TRIED='rabbit' is none of kafka, redis"),
        (lambda: env.addresses("TRIED", needed_by="EVENT_LOG=kafka"), "", "EVENT_LOG=kafka needs it; write host:port"),
        (lambda: env.addresses("TRIED", needed_by="EVENT_LOG=kafka"), "one:9092,two", "'two', which is not host:port"),
        (lambda: env.addresses("TRIED", needed_by="EVENT_LOG=kafka"), ":9092", "':9092', which is not host:port"),
        (lambda: env.options("TRIED"), "security.protocol=SSL", "TRIED is not JSON"),
        (lambda: env.options("TRIED"), '["SSL"]', "TRIED must be a JSON object"),
        (lambda: env.options("TRIED"), '{"ssl": {"ca": 1}}', "TRIED must be a JSON object"),
    ],
)
def test_a_setting_that_is_wrong_is_named_with_what_it_should_hold(monkeypatch, read, value, said):
    monkeypatch.setenv("TRIED", value)

    with pytest.raises(ImproperlyConfigured, match=said):
        read()


def test_settings_that_are_right_are_taken_as_they_stand(monkeypatch):
    monkeypatch.setenv("TRIED", "one:9092,two:9093")
    assert env.addresses("TRIED", needed_by="EVENT_LOG=kafka") == "one:9092,two:9093"
    monkeypatch.setenv("TRIED", '{"security.protocol": "SSL", "retries": 3}')
    assert env.options("TRIED") == {"security.protocol": "SSL", "retries": 3}
    monkeypatch.delenv("TRIED")
    assert (env.options("TRIED"), env.choice("TRIED", "redis", of={"redis", "kafka"})) == ({}, "redis")
