"""What results are made of: percentiles, and the machine they were taken on."""

from __future__ import annotations

import os
import platform
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any


def percentile(sorted_values: Sequence[float], percent: float) -> float:
    """Nearest rank; `sorted_values` ascending and not empty."""
    return sorted_values[min(len(sorted_values) - 1, int(len(sorted_values) * percent / 100))]


def spread(seconds: Sequence[float]) -> dict[str, float]:
    """p50, p95, p99 and the worst of these times, in ms."""
    values = sorted(seconds)
    if not values:
        return {}
    figures = {f"p{p}_ms": percentile(values, p) * 1000 for p in (50, 95, 99)} | {"max_ms": values[-1] * 1000}
    return {name: round(value, 2) for name, value in figures.items()}


def machine() -> dict[str, Any]:
    """Where a result comes from."""
    model = "unknown"
    for line in Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else ():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
            break
    return {
        "cpu": model,
        "cores": os.cpu_count(),
        "load_1min": round(os.getloadavg()[0], 1),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "system": platform.platform(terse=True),
    }


def rss_mb(pid: int) -> float:
    """Resident memory of a process in MB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return round(int(line.split()[1]) / 1024, 1)
    return 0.0


def cpu_seconds(pid: int) -> float:
    """CPU time a process has used, user and system, in seconds."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
