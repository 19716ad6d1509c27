"""`python -m bench [NAME …]`: run these measurements (all without a name); one JSON object a line on stdout."""

from __future__ import annotations

import argparse
import importlib
import json
import sys

#: each is a module of this package with `run(options) -> list of results`
ALL = ("ingest", "writing", "start", "pages", "search", "feed", "keys", "alerts", "folding", "campaign")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which: {', '.join(ALL)} (default: all)")
    parser.add_argument("--seconds", type=float, default=8.0, help="how long each load runs (default 8)")
    parser.add_argument("--conversations", type=int, default=1_000_000, help="size of the large store")
    parser.add_argument("--messages", type=int, default=0, help="messages in the large store (default: one each)")
    parser.add_argument("--consoles", default="200,500", help="how many consoles `feed` opens")
    parser.add_argument("--store", default="", help="a folder to keep the large store in, and to use it again")
    parser.add_argument("--alone", action="store_true", help="`keys` without the mail programs beside it")
    parser.add_argument("--months", default="1500x4,4500x4", help="`campaign`: conversations a month x advisors, …")
    options = parser.parse_args()
    for name in options.names or ALL:
        if name not in ALL:
            parser.error(f"no measurement is called {name!r}; there are {', '.join(ALL)}")
    for name in options.names or ALL:
        for result in importlib.import_module(f"bench.{name}").run(options):
            sys.stdout.write(json.dumps({"bench": name, **result}) + "\n")
            sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
