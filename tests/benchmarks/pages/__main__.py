"""Opens every page of a large workspace over HTTP as a marketer who is signed in, and says which goal is not met.

Run with `make bench-pages`. It starts a whole Signpost of its own. `changed` is the first opening after the marketer saved a draft
elsewhere, when nothing that was kept of the workspace holds any more; `on a core` is the web process's own time, of an opening and of
that first one, which neighbours on a busy machine change little; the floor is an empty request of the same client.
"""

from __future__ import annotations

import os
from argparse import ArgumentParser

import django

from tests.benchmarks.pages import asking, browsing, cold
from tests.benchmarks.pages.asked import GOAL, LATER, TYPING
from tests.system import System, forget, new_folder


def main() -> None:
    parser = ArgumentParser(prog="python -m tests.benchmarks.pages", description=__doc__)
    parser.add_argument("--rules", type=int, default=1_000)
    parser.add_argument("--tags", type=int, default=2_000)
    parser.add_argument("--templates", type=int, default=500)
    parser.add_argument("--times", type=int, default=20, help="how often each page is opened")
    parser.add_argument("--no-browser", action="store_true")
    chosen = parser.parse_args()
    folder = new_folder()
    system = System(folder)
    try:
        system.wait_until_ready()
        os.environ |= system.environment()
        django.setup()
        from django.contrib.auth.models import User

        from tests.benchmarks.pages.filling import fill

        people = system.dev["people"]
        person = User.objects.get(username=people["author"]["username"])
        fill(person, chosen.rules, chosen.tags, chosen.templates)
        print(f"{chosen.rules:,} rules, {chosen.tags:,} tags, {chosen.templates} templates; each page opened {chosen.times} times")
        with asking.signed_in(system.url, people) as clients:
            missed = asking.measure(clients, chosen.times, system.processes()["web"], person)
            missed += cold.measure(system, clients)
        if not chosen.no_browser:
            missed += browsing.measure(system.url, people["author"])
        said = f"missed by {', '.join(missed)}" if missed else "all met"
        print(f"goals (pages {GOAL:.0f} s, type-ahead {TYPING * 1000:.0f} ms, what is told later {LATER:.0f} s): {said}")
    finally:
        system.stop()
        forget(folder)


if __name__ == "__main__":
    main()
