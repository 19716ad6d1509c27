"""A month of the cooperative in minutes: real store, commands, routing, assignment and clocks on a simulated clock.

`--months 1500x4,4500x4,45000x40` says which: as it was, three times the traffic with the same people, and an office ten
times as large (which takes about a quarter of an hour).

Customers arrive as they do (office hours, evenings, a campaign that triples three days), advisors of one pace answer
what the rules give them, most urgent first, and go home. `conversations` a month and how many advisors share them are
the cases; what is reported is what customers and supervisors would see, and what the server used for it.
"""

from __future__ import annotations

import argparse
import heapq
import itertools
import os
import random
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.campaign_office import Office
from bench.campaign_people import Advisors, Customers, month
from bench.figures import cpu_seconds, machine, percentile, rss_mb, spread

SEED = 20_261_101


def run(options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    for case in options.months.split(","):
        conversations, advisors = map(int, case.split("x"))
        with tempfile.TemporaryDirectory() as folder:
            yield simulate(Path(folder), conversations, advisors)


def simulate(folder: Path, conversations: int, advisors: int) -> dict[str, Any]:
    """One month. All times are simulated but those of the last lines."""
    chance = random.Random(SEED)
    office = Office(folder, advisors)
    customers = Customers(office, chance)
    staff = Advisors(office, customers, chance)
    steps: list[tuple[int, int, Any]] = []
    numbers = itertools.count()

    def later(at: int, step: Any) -> None:
        heapq.heappush(steps, (at, next(numbers), step))

    for at in month(conversations, chance):
        later(at, customers.begin)
    for at, step in staff.shifts():
        later(at, step)
    began, cpu = time.perf_counter(), cpu_seconds(os.getpid())
    while steps:
        at, _, step = heapq.heappop(steps)
        office.until(at)
        for when, then in step() or ():
            later(when, then)
        for when, then in staff.take_up():
            later(when, then)
    cpu = cpu_seconds(os.getpid()) - cpu
    wall = time.perf_counter() - began
    result = {
        "conversations": conversations,
        "advisors": advisors,
        **office.outcome(),
        "answers": staff.answers,
        "too_late": staff.too_late,
        "first_response_s": _percentiles([ms / 1000 for ms in staff.first]),
        "first_response_in_hours_s": _percentiles([ms / 1000 for ms in staff.first_in_hours]),
        "next_response_s": _percentiles([ms / 1000 for ms in staff.following]),
        "most_waiting": office.most_waiting,
        "commands": len(office.took),
        "command": spread(office.took),
        "seconds": round(wall),
        "speeded_up": round(30 * 86_400 / wall),
        "cpu_ms_each": round(cpu / conversations * 1000, 1),
        "rss_mb": rss_mb(os.getpid()),
        "store_mb": round(sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 2**20),
        "machine": machine(),
    }
    office.close()
    return result


def _percentiles(values: list[float]) -> dict[str, int]:
    ordered = sorted(values)
    return {f"p{p}": round(percentile(ordered, p)) for p in (50, 90, 99)} if ordered else {}
