"""From key to paint: `python -m tests.console.measure_keys [columns rows keys]` prints JSON, times in ms.

In a real terminal of that size, before an inbox of a million conversations that come in pages: `wall` is from the
write of a key to the last byte it causes (30 ms of silence, not counted, say that it was the last), `cpu` what all
threads of the console spent on it. On a busy machine read the cpu: wall then measures the neighbours.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tests.console.terminal import Terminal

ROOT = Path(__file__).resolve().parent.parent.parent
DOWN, UP, PAGE_DOWN, PAGE_UP = b"j", b"k", b"\x1b[6~", b"\x1b[5~"


def cpu_ms(pid: int) -> float:
    """What all threads of a process have spent, ms."""
    return sum(int(task.read_text().split()[0]) for task in Path(f"/proc/{pid}/task").glob("*/schedstat")) / 1e6


def spread(values: Sequence[float]) -> dict[str, float]:
    """The middle, the slow end and the slowest."""
    ordered = sorted(values)

    def at(share: float) -> float:
        return round(ordered[min(len(ordered) - 1, int(len(ordered) * share))], 1)

    return {"p50": at(0.5), "p95": at(0.95), "p99": at(0.99), "max": round(ordered[-1], 1)}


def measure(terminal: Terminal, keys: Sequence[bytes], count: int) -> dict[str, object]:
    """Press keys one at a time."""
    wall: list[float] = []
    cpu: list[float] = []
    begun = len(terminal.data)
    for n in range(count):
        before = cpu_ms(terminal.pid)
        wall.append(terminal.press(keys[n % len(keys)]))
        cpu.append(cpu_ms(terminal.pid) - before)
    return {"wall": spread(wall), "cpu": spread(cpu), "bytes": (len(terminal.data) - begun) // count, "keys": count}


def start() -> tuple[list[float], list[float]]:
    """From the start of the process to the first rows on the screen, five times; wall and cpu, ms."""
    wall: list[float] = []
    cpu: list[float] = []
    for _ in range(5):
        with open_console(120, 40) as terminal:
            while b"Ramos 0" not in terminal.data:
                terminal.read(0.05)
            wall.append((time.perf_counter() - terminal.started) * 1000)
            cpu.append(cpu_ms(terminal.pid))
    return wall, cpu


def open_console(columns: int, rows: int) -> Terminal:
    """The console before a million conversations."""
    return Terminal([sys.executable, "-m", "tests.console.run_million"], columns, rows, {"PYTHONPATH": str(ROOT)})


def main(columns: int = 120, rows: int = 40, count: int = 200) -> None:
    """Measure and print."""
    found: dict[str, object] = {"columns": columns, "rows": rows, "load": Path("/proc/loadavg").read_text().split()[0]}
    with open_console(columns, rows) as terminal:
        terminal.wait_for("Ramos 0")
        terminal.settle(1.5)
        status = Path(f"/proc/{terminal.pid}/status").read_text()
        found["rss_mb"] = int(status.split("VmRSS:")[1].split()[0]) // 1024
        before = cpu_ms(terminal.pid)
        time.sleep(4)
        found["idle_cpu_percent"] = round((cpu_ms(terminal.pid) - before) / 40, 1)
        terminal.settle()
        window = (rows - 3) // (2 if columns >= 120 else 1)
        steps = min(window - 6, 20)
        to_and_fro = [DOWN] * steps + [UP] * steps
        for key in to_and_fro:
            terminal.press(key)
        found["move"] = measure(terminal, to_and_fro, count)
        for _ in range(window):
            terminal.press(DOWN)
        found["scroll"] = measure(terminal, [DOWN], count)
        found["page_down"] = measure(terminal, [PAGE_DOWN], count)
        found["page_up"] = measure(terminal, [PAGE_UP], count)
        found["open"] = measure(terminal, [b"\r", b"\tj\t"], count // 2) if columns >= 120 else {}
        terminal.write(b"r")
        terminal.settle(0.2)
        found["type"] = measure(terminal, [b"a", b"b", b"c", b" "], count)
    wall, cpu = start()
    found["start"] = {"wall": spread(wall), "cpu": spread(cpu)}
    sys.stdout.write(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
