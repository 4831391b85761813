"""Free ports of this machine's loopback address, and a claim on the one the web server will use."""

from __future__ import annotations

import random
import socket
from contextlib import suppress

from decisioning.local.errors import LocalError

HOST = "127.0.0.1"
TRIES = 100
PORTS = range(20_000, 32_000)


def free_port() -> int:
    """A port of those that no system gives to outgoing connections: one of these could take it before a server binds it."""
    for port in random.sample(PORTS, TRIES):
        with socket.socket() as probe, suppress(OSError):
            probe.bind((HOST, port))
            return port
    raise LocalError(f"No free port found from {PORTS.start} to {PORTS.stop - 1}. Are very many servers running?")


class Claim:
    """A port nobody listens on, claimed against other copies of Signpost until this process ends.

    granian binds with SO_REUSEPORT, so two copies could quietly share one port and answer each other's requests. The claim is a UDP socket
    of the same number: exclusive, gone with the process, and in no TCP connection's way.
    """

    def __init__(self, preferred: int) -> None:
        self._claim: socket.socket
        for port in range(preferred, min(preferred + TRIES, 65536)) if preferred else [free_port()]:
            if self._take(port):
                self.port = port
                return
        raise LocalError(f"No free port from {preferred} on. Name another one with --port.")

    def _take(self, port: int) -> bool:
        claim = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            claim.bind((HOST, port))
            with socket.socket() as probe:
                # Without this, connections of the last run that are still closing would count as a listener.
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((HOST, port))
        except PermissionError as error:
            claim.close()
            raise LocalError(f"Port {port} is not allowed for this user. Name another one with --port.") from error
        except OSError:
            claim.close()
            return False
        self._claim = claim
        return True
