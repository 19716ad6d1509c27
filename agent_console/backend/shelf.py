"""A small file that only its owner can read, replaced as a whole, one per console that runs.

Two consoles of the same person must not overwrite each other, so each takes the first place nobody holds (a lock that
the system lets go even when the process is killed). A console that starts takes over what a crashed one left.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import time
from pathlib import Path
from typing import IO

try:
    import fcntl
except ImportError:  # Windows: without locks, the last console to write wins
    fcntl = None  # type: ignore[assignment]

PLACES = 16


class Shelf:
    """`folder` is made if need be (0700); `name` tells whose file it is. Raises OSError if it can't be used."""

    def __init__(self, folder: Path, name: str) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._folder = folder
        self._name = name
        self._lock: IO[bytes] | None = None
        self._left: list[tuple[Path, IO[bytes]]] = []
        self.path = self._take_place()

    def _take_place(self) -> Path:
        for place in range(PLACES):
            lock = self._try(place)
            if lock is not None:
                self._lock = lock
                return self._file(place)
        raise OSError(f"more than {PLACES} consoles share {self._folder}")

    def _try(self, place: int) -> IO[bytes] | None:
        path = self._folder / f"{self._name}.{place}.lock"
        lock = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b")
        if fcntl is not None:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                lock.close()
                return None
        return lock

    def _file(self, place: int) -> Path:
        return self._folder / f"{self._name}.{place}.json"

    def read(self) -> list[bytes]:
        """What is in our file, then what crashed consoles left in theirs (removed by `tidy`)."""
        found = []
        for place in range(PLACES):
            path = self._file(place)
            if not path.exists():
                continue
            if path != self.path:
                lock = self._try(place)
                if lock is None:
                    continue
                self._left.append((path, lock))
            with contextlib.suppress(FileNotFoundError):
                found.append(path.read_bytes())
        return found

    def tidy(self) -> None:
        """What others left is in our file now: remove theirs."""
        for path, lock in self._left:
            path.unlink(missing_ok=True)
            lock.close()
        self._left.clear()

    def write(self, data: bytes) -> None:
        """Replace the file. Either the old or the new content is there, whenever the process dies."""
        new = self.path.with_suffix(".new")
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(data)
        new.replace(self.path)

    def put_aside(self, data: bytes) -> Path:
        """Keep content that can't be read, under another name."""
        path = self.path.with_suffix(f".broken-{time.time_ns()}")
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as file:
            file.write(data)
        return path

    def close(self) -> None:
        """Let the place go."""
        for _, lock in self._left:
            lock.close()
        self._left.clear()
        if self._lock is not None:
            self._lock.close()
            self._lock = None


def name_of(server: str, user: str) -> str:
    """A file name for one person on one server, the same each time."""
    return hashlib.sha256(f"{server.rstrip('/')}\n{user}".encode()).hexdigest()[:20]


def state_folder() -> Path:
    """Where such files live for this user of the machine."""
    import platformdirs

    return Path(platformdirs.user_state_dir("agent-console", appauthor=False)) / "outgoing"
