"""A web process that starts while Redis is away, with PostgreSQL and without, as a process of its own."""

from __future__ import annotations

from decisioning.local.ports import HOST, free_port
from tests.web import web_process


def nowhere(scheme: str) -> str:
    return f"{scheme}://nobody@{HOST}:{free_port()}/0"


def test_without_redis_it_serves_the_live_release_and_says_what_is_missing(signpost):
    with web_process(signpost, REDIS_URL=nowhere("redis")) as client:
        answer = client.post("/v1/decide", json={"user_id": "alone-1", "placements": ["home-banner"]})
        status = client.get("/statusz").json()

    assert (answer.status_code, answer.json()["degraded_reasons"]) == (200, ["state_unavailable"])
    assert (status["redis"]["ok"], status["release"]["source"]) == (False, "database")


def test_without_redis_and_postgresql_it_serves_its_last_good_release_and_says_so(signpost):
    with web_process(signpost, REDIS_URL=nowhere("redis"), DATABASE_URL=nowhere("postgresql")) as client:
        answer = client.post("/v1/decide", json={"user_id": "alone-2", "placements": ["home-banner"]})
        status = client.get("/statusz").json()

    assert answer.status_code == 200
    assert answer.json()["degraded"] is True
    assert set(answer.json()["degraded_reasons"]) == {"stale_release", "state_unavailable"}
    assert answer.json()["decisions"][0]["content"]
    assert (status["redis"]["ok"], status["postgresql"]["ok"], status["release"]["source"]) == (False, False, "disk")
