"""Publishers as processes of their own: Django is loaded once, and a child is forked for each. Run by tests as `-m tests.rules.publisher`.

It reads, in one line, for each child its number and how many releases it makes, -1 for without end, with a plus between children. It writes
each child's process id, lets them all go when it reads another line, and writes what became of each: its id and its exit status, -9 for one
that was killed.
A child writes `<` before and `>` after each publish into the file that the environment names in MARKS.
"""

from __future__ import annotations

import os
import sys
import traceback
from datetime import UTC, datetime
from itertools import count
from typing import NoReturn

import django

WORKSPACE = "shop"


def main() -> None:
    django.setup()
    import rules.services  # noqa: F401  so that no child has to import it

    marks = os.open(os.environ["MARKS"], os.O_WRONLY | os.O_APPEND)
    for line in sys.stdin:
        go, gone = os.pipe()
        children = []
        for words in line.split("+"):
            number, releases = map(int, words.split())
            pid = os.fork()
            if pid == 0:
                os.close(gone)
                os.read(go, 1)  # ends when the parent closes its end, for all children at one moment
                publish(number, releases, marks)
            children.append(pid)
            print(pid, flush=True)
        sys.stdin.readline()
        os.close(go)
        os.close(gone)
        for pid in children:
            print(pid, os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)


def publish(number: int, releases: int, marks: int) -> NoReturn:
    from rules import services

    status, person = 1, services.Person(100 + number, f"P{number}")
    try:
        for turn in count() if releases < 0 else range(releases):
            now, key = datetime.now(UTC), f"by-{number}-{turn}" if releases > 0 else f"by-{number}"
            body = {"type": "text", "description": f"{os.getpid()} {turn}"}
            services.save_draft(WORKSPACE, kind="trait", key=key, body=body, author=person, now=now)
            os.write(marks, b"<")
            services.publish(WORKSPACE, actor=person, reason=f"{number} {turn}", now=now, only_by=person)
            os.write(marks, b">")
        status = 0
    except Exception:  # noqa: BLE001  the test reads what it was
        traceback.print_exc()
    finally:
        os._exit(status)  # nothing that was inherited is flushed or closed twice


if __name__ == "__main__":
    main()
