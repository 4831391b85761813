"""The web server's port is one nobody has, also when several copies look for it at once."""

from __future__ import annotations

import socket

import pytest

from decisioning.local.errors import LocalError
from decisioning.local.ports import HOST, Claim, free_port


def test_a_taken_port_is_passed_over():
    with socket.socket() as other:
        other.bind((HOST, 0))
        other.listen()
        taken = other.getsockname()[1]

        assert Claim(taken).port > taken


def test_two_copies_that_ask_at_once_get_two_ports():
    preferred = free_port()
    first = Claim(preferred)

    second = Claim(preferred)

    assert (first.port, second.port > first.port) == (preferred, True)


def test_a_port_in_use_with_so_reuseport_counts_as_taken():
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind((HOST, 0))
        other.listen()

        assert Claim(other.getsockname()[1]).port != other.getsockname()[1]


def test_a_port_with_connections_still_closing_is_free():
    with socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind((HOST, 0))
        server.listen()
        port = server.getsockname()[1]
        with socket.create_connection((HOST, port)) as client:
            accepted, _ = server.accept()
            accepted.close()  # Closed on this side first: it is this port that waits for late packets.
            client.recv(1)

    assert Claim(port).port == port


def test_no_port_at_all_is_one_clear_line():
    with socket.socket() as other:
        other.bind((HOST, 65535))
        other.listen()

        with pytest.raises(LocalError, match="No free port from 65535 on"):
            Claim(65535)
