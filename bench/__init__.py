"""Repeatable measurements: `python -m bench NAME …` prints JSON. Bars and results: docs/performance.md."""
