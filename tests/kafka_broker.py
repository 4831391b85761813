"""Brokers of Kafka without Kafka: librdkafka's mock cluster, a process of its own with real TCP ports. `python -m tests.kafka_broker`.

It is part of librdkafka, inside confluent-kafka's wheel, and made for tests: no transactions, no retention by time, about 5 MB a partition.
Says its addresses on a line, then does what lines on its standard input say: `topic NAME PARTITIONS`, `down`, `up`. Ends with its input.
"""

from __future__ import annotations

import ctypes
import sys
from pathlib import Path

import confluent_kafka

NEEDED = {
    "rd_kafka_conf_new": (ctypes.c_void_p, []),
    "rd_kafka_new": (ctypes.c_void_p, [ctypes.c_int, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t]),
    "rd_kafka_mock_cluster_new": (ctypes.c_void_p, [ctypes.c_void_p, ctypes.c_int]),
    "rd_kafka_mock_cluster_bootstraps": (ctypes.c_char_p, [ctypes.c_void_p]),
    "rd_kafka_mock_topic_create": (ctypes.c_int, [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int, ctypes.c_int]),
    "rd_kafka_mock_broker_set_down": (ctypes.c_int, [ctypes.c_void_p, ctypes.c_int32]),
    "rd_kafka_mock_broker_set_up": (ctypes.c_int, [ctypes.c_void_p, ctypes.c_int32]),
    "rd_kafka_mock_group_initial_rebalance_delay_ms": (None, [ctypes.c_void_p, ctypes.c_int32]),
}
"""What we call of librdkafka, with the types of answers and arguments."""
WITHOUT = "the tests of the event log in Kafka need other brokers (KAFKA_TEST_BOOTSTRAP)"
PRODUCER, BROKERS, REBALANCE_DELAY_MS = 0, 2, 50


def library() -> ctypes.CDLL:
    found = sorted((Path(confluent_kafka.__file__).parent.parent / "confluent_kafka.libs").glob("librdkafka-*.so*"))
    if not found:
        raise RuntimeError(
            "confluent-kafka's wheel brings no librdkafka any more: the Kafka tests need other brokers (KAFKA_TEST_BOOTSTRAP)"
        )
    loaded = ctypes.CDLL(str(found[0]))
    for name, (answer, arguments) in NEEDED.items():
        try:
            function = getattr(loaded, name)
        except AttributeError:
            raise RuntimeError(f"librdkafka has no {name} any more: {WITHOUT}") from None
        function.restype, function.argtypes = answer, arguments
    return loaded


def main() -> None:
    rdkafka = library()
    reason = ctypes.create_string_buffer(512)
    client = rdkafka.rd_kafka_new(PRODUCER, rdkafka.rd_kafka_conf_new(), reason, len(reason))
    if not client:
        raise RuntimeError(reason.value.decode())
    cluster = rdkafka.rd_kafka_mock_cluster_new(client, BROKERS)
    rdkafka.rd_kafka_mock_group_initial_rebalance_delay_ms(cluster, REBALANCE_DELAY_MS)
    print(rdkafka.rd_kafka_mock_cluster_bootstraps(cluster).decode(), flush=True)
    for line in sys.stdin:
        word, *rest = line.split()
        if word == "topic":
            failed = rdkafka.rd_kafka_mock_topic_create(cluster, rest[0].encode(), int(rest[1]), BROKERS)
        else:
            switch = {"down": rdkafka.rd_kafka_mock_broker_set_down, "up": rdkafka.rd_kafka_mock_broker_set_up}[word]
            failed = sum(switch(cluster, broker) for broker in range(1, BROKERS + 1))
        print("failed" if failed else "done", flush=True)


if __name__ == "__main__":
    main()
