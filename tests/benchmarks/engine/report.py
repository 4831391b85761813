"""What is printed: a block for each rule set, lines for growth, loading and memory, and the goals."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping

from tests.benchmarks.engine import growth, loading, rulesets
from tests.benchmarks.engine.cells import BASE, WALKED, Seen
from tests.benchmarks.engine.growth import Growth
from tests.benchmarks.engine.measure import ratios
from tests.benchmarks.engine.peers import Mode
from tests.benchmarks.engine.rulesets import Case
from tests.benchmarks.engine.zen_table import Way

WORDS = {"first": "first match", "all": "all matches"}


def legend(versions: Mapping[str, str], cases: Iterable[Case], *, whole: bool) -> str:
    """Everything one has to know to read the figures, and to judge whether they are fair."""
    named = [
        f"{rulesets.named(case, 'context.store')} and {rulesets.named(case, 'context.country')} of {case.size:,} rules" for case in cases
    ]
    others = len(rulesets.BOOLEANS + rulesets.NUMBERS) + 4
    numbers = "whole" if whole else "3 whole, 3 with fractions, which business-rules makes a Decimal of each time"
    return f"""\
{", ".join(f"{name} {version}" for name, version in versions.items())}

The same rules and users for every engine. Answers are compared before anything is timed, and one difference ends the run.
Times are microseconds of CPU of this process for one decision: the median and the least of the rounds. In a round every engine
is asked about the same users, one engine after the other; each round begins with another engine. "times" is how many times as
long business-rules (without an explanation: it has none) took in the same round: the median, and the lowest, of the rounds.

broad     3 to 5 conditions on a plan (of {len(rulesets.PLANS)}), a device ({len(rulesets.DEVICES)}), {len(rulesets.BOOLEANS)} booleans, \
{len(rulesets.NUMBERS)} numbers, a tag ({rulesets.TAGS}) and two interests ({rulesets.INTERESTS}),
          each true for a quarter to a half of the users.
          Numbers: {numbers}.
targeted  the same, but each rule has one equality: half of them one of {rulesets.STORES} stores, the others one of
          {rulesets.COUNTRIES} countries, at every size. So many of them the rules name (stores and countries):
          {", ".join(named)}.
tree      parents with one condition, ten children under each (of 10 rules: two parents), outcomes on the leaves. The parents'
          conditions count among the 3 to 5. business-rules, json-logic and zen-engine get them before the rule's own, ANDed;
          "walked" is business-rules with a walk of the tree written around it.
user      {rulesets.TAGS_OF_A_USER} tags, {rulesets.INTERESTS_OF_A_USER} interests and {others} other values; complete and well typed,
          as business-rules needs them. Handed over in each engine's own form, made beforehand.
"""


def load_paths(found: Mapping[str, Mapping[Way, float]], best: Way) -> str:
    kinds = list(found)
    lines = [f"{'zen-engine, 1,000 rules, all matches: us by way to load and to tell':72}" + "".join(f"{kind:>12}" for kind in kinds)]
    for way in found[kinds[0]]:
        mark = "  <- taken below" if way == best else ""
        lines.append(f"  {way.loaded + ', ' + way.taken:70}" + "".join(f"{found[kind][way]:12,.1f}" for kind in kinds) + mark)
    return "\n".join(lines) + "\n"


def block(case: Case, seen: Mapping[Mode, Seen]) -> str:
    titles = [f"{WORDS[mode]}: {one.users} users, {one.rounds} rounds, {one.matches:.1f} matches" for mode, one in seen.items()]
    heads = f"{'median us':>12}{'min us':>12}{'times':>12}{'lowest':>12}"
    lines = [
        f"{case.size:,} rules, {case.kind}, {case.shape}",
        f"{'':32}" + "".join(f"{title:>52}" for title in titles),
        f"{'':32}" + "".join(f"{heads:>52}" for _ in titles),
    ]
    names = dict.fromkeys(name for one in seen.values() for name in one.samples)
    lines += [f"  {name:30}" + "".join(_cell(one, name) for one in seen.values()) for name in names]
    if case.shape == "tree":
        against = ", ".join(f"{WORDS[mode]} {one.times(WALKED, 'Signpost'):,.1f}" for mode, one in seen.items())
        lines.append(f"  Signpost, times against business-rules walked: {against}")
    return "\n".join(lines) + "\n"


def _cell(seen: Seen, name: str) -> str:
    if name not in seen.samples:
        return f"{'-':>52}"
    took = seen.samples[name]
    figures = f"{statistics.median(took):12,.1f}{min(took):12,.1f}{seen.times(BASE, name):12,.1f}{seen.lowest(BASE, name):12,.1f}"
    return f"{figures:>52}"


def growths(found: Iterable[Growth]) -> str:
    lines = [f"{growth.LARGE:,} targeted rules / {growth.SMALL:,} targeted rules, {rulesets.COUNTRIES} countries: median (least to most)"]
    for one in found:
        lines.append(f"  {WORDS[one.mode]}, {one.users} users, {one.rounds} rounds; matches {', '.join(_matches(one))}")
        for domain in (growth.FIXED, growth.GROWING):
            for engine in (growth.OURS, growth.ZEN):
                large, small = one.samples[f"{engine}, {domain}"], one.samples[f"{engine}, "]
                each = ratios(large, small)
                words = f"{statistics.median(each):6.2f} ({min(each):.2f} to {max(each):.2f})"
                micros = f"{statistics.median(small):,.1f} us -> {statistics.median(large):,.1f} us"
                lines.append(f"    {engine:12}{domain:30}{words:28}{micros}")
    return "\n".join(lines) + "\n"


def _matches(one: Growth) -> list[str]:
    return [f"{count:.1f} ({domain or f'{growth.SMALL:,} rules'})" for domain, count in one.matches.items()]


def loads(found: Mapping[tuple[int, str], Mapping[str, list[float]]]) -> str:
    lines = ["Making ready: CPU milliseconds, median (min) of the rounds", f"{'':34}" + "".join(f"{step:>26}" for step in loading.STEPS)]
    for (size, kind), steps in found.items():
        cells = "".join(f"{f'{statistics.median(steps[step]):,.1f} ({min(steps[step]):,.1f})':>26}" for step in loading.STEPS)
        lines.append(f"  {f'{size:,} rules, {kind}':24}{len(steps[loading.COMPILE])} rounds{cells}")
    return "\n".join(lines) + "\n"


def memories(found: Mapping[tuple[int, str], Mapping[str, float]]) -> str:
    lines = [
        "Memory in MB, each in a process of its own: ours by tracemalloc (all of it is Python's), zen-engine by how its process grows (RSS)"
    ]
    for (size, kind), one in found.items():
        parts = [f"document {_mb(one, 'document')}", f"compiled {_mb(one, 'compiled')} (peak with the document {_mb(one, 'peak')})"]
        lines.append(f"  {f'{size:,} rules, {kind}':30}{', '.join(parts)}; zen-engine {_mb(one, 'resident')}")
    return "\n".join(lines) + "\n"


def _mb(found: Mapping[str, float], what: str) -> str:
    return f"{found[what] / 1e6:,.1f}" if what in found else "not known on this system"
