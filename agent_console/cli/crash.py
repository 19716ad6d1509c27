"""What is left of a crash: a file with the details, and one line that says where it is."""

from __future__ import annotations

import os
import sys
import time
import traceback
from pathlib import Path

from agent_console.cli.errors import why
from agent_console.i18n import _


def report(error: BaseException) -> str:
    """Write the details of `error` into a log file of this user's; the line that says so.

    The file names the command and where in the code it stopped, not the values it worked on.
    """
    try:
        path = _folder() / f"crash-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}.log"
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        private = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(private, "w", encoding="utf-8") as file:
            file.write(f"agent-console {version()}, Python {sys.version.split()[0]}, {sys.platform}\n")
            file.write(f"command: {' '.join(sys.argv[1:2])}\n\n")
            file.writelines(traceback.format_exception(error))
    except OSError as failed:
        return _("Something went wrong in agent-console, and its log could not be written ({why}): {error}").format(
            why=why(failed), error=f"{type(error).__name__}: {error}"
        )
    return _("Something went wrong in agent-console. Please report it with this file: {path}").format(path=path)


def _folder() -> Path:
    from platformdirs import user_log_path

    return user_log_path("agent-console", appauthor=False)


def version() -> str:
    """This program's version."""
    from importlib import metadata

    try:
        return metadata.version("agent-console")
    except metadata.PackageNotFoundError:
        return _("(not installed)")
