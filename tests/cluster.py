"""A real cluster of three Valkey nodes without replicas, for the tests that need one."""

from __future__ import annotations

import subprocess
import time
from contextlib import suppress
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

from decisioning.local import valkey
from decisioning.local.ports import HOST, free_port

PASSWORD = "for-this-cluster"
SLOTS = 16_384


class Nodes:
    """Three primaries. Those that live answer for their slots while another is dead, as docs/operations.md asks for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.ports = [free_port() for _ in range(3)]
        self.processes = {port: self._start(port) for port in self.ports}
        self.clients = {port: Redis(host=HOST, port=port, password=PASSWORD) for port in self.ports}
        self.url = f"redis+cluster://:{PASSWORD}@" + ",".join(f"{HOST}:{port}" for port in self.ports)
        self._form()

    def _start(self, port: int) -> subprocess.Popen[bytes]:
        folder = self._folder / str(port)
        folder.mkdir(exist_ok=True)
        given = {
            "port": port,
            "cluster-port": free_port(),
            "bind": HOST,
            "dir": folder,
            "save": "",
            "appendonly": "yes",
            "requirepass": PASSWORD,
            "cluster-enabled": "yes",
            "cluster-require-full-coverage": "no",
            "cluster-node-timeout": 2000,
        }
        self.buses = {**getattr(self, "buses", {}), port: given["cluster-port"]}
        words = [str(word) for name, value in given.items() for word in (f"--{name}", value)]
        return subprocess.Popen([valkey._binary(), *words], stdout=subprocess.DEVNULL)

    def _form(self) -> None:
        first, *others = self.ports
        for place, port in enumerate(self.ports):
            self.until(lambda port=port: self.clients[port].ping())
            start, end = place * SLOTS // 3, (place + 1) * SLOTS // 3 - 1
            self.clients[port].execute_command("CLUSTER ADDSLOTSRANGE", start, end)
            self.clients[port].execute_command("CLUSTER SET-CONFIG-EPOCH", place + 1)
        for port in others:
            self.clients[first].execute_command("CLUSTER MEET", HOST, port, self.buses[port])
        for client in self.clients.values():
            self.until(lambda client=client: len(client.execute_command("CLUSTER SLOTS")) == 3)
            self.until(lambda client=client: client.execute_command("CLUSTER INFO")["cluster_state"] == "ok")

    def empty(self) -> None:
        for client in self.clients.values():
            client.flushall()

    def kill(self, port: int) -> None:
        self.processes[port].kill()
        self.processes[port].wait()

    def stop(self) -> None:
        for port, process in self.processes.items():
            self.clients[port].close()
            process.kill()
            process.wait()

    @staticmethod
    def until(true: object, seconds: float = 15.0) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            with suppress(RedisError):
                if true():
                    return
            time.sleep(0.02)
        raise AssertionError("the cluster does not form")
