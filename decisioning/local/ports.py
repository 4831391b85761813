"""Free ports of this machine's loopback address, and a claim on the one the web server will use."""

from __future__ import annotations

import socket

from decisioning.local.errors import LocalError

HOST = "127.0.0.1"
TRIES = 100


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


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
