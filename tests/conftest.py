"""What tests of every room share: outside material and programs that may be absent, and a real server."""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest
from hypothesis import settings

from tests.real_server import RealServer

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext

ROOT = Path(__file__).resolve().parent.parent
#: In CI nothing is skipped: what is missing there is a failure.
CI = os.environ.get("CI_RUN") == "1"

# Machines that run tests are shared: how long one example took says nothing. In CI the same examples every time, so
# that a change is judged by itself; elsewhere new ones every time.
settings.register_profile("here", deadline=None)
settings.load_profile("ci" if CI else "here")


def missing(what: str) -> NoReturn:
    """Skip a test for want of `what`; in CI, fail."""
    if CI:
        pytest.fail(f"missing in CI: {what}", pytrace=False)
    pytest.skip(f"needs {what}")


def find_shared() -> Path | None:
    """Payloads and data that nobody here wrote: AGENT_CONSOLE_SHARED, else `shared` beside the checkout."""
    folder = Path(os.environ.get("AGENT_CONSOLE_SHARED") or ROOT.parent / "shared")
    return folder if (folder / "conformance").is_dir() else None


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """`../shared`; the test is skipped, in CI too, where it is absent: it is no part of the project."""
    folder = find_shared()
    if folder is None:
        pytest.skip("needs ../shared or AGENT_CONSOLE_SHARED")
    return folder


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of a Chromium that can be driven."""
    for name in ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"):
        if path := shutil.which(name):
            return path
    missing("Chromium (apt-get install chromium)")


@pytest.fixture(scope="session")
def tmux() -> str:
    """Path of tmux."""
    return shutil.which("tmux") or missing("tmux (apt-get install tmux)")


@pytest.fixture
def real_server(tmp_path: Path) -> Iterator[RealServer]:
    """A running server with an admin, a supervisor and an advisor, all signed in (`real_server.tokens`)."""
    with RealServer(tmp_path) as server:
        yield server.init().start().sign_in_all()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests marked `needs_shared` are skipped before their parameters and fixtures need the folder."""
    if find_shared() is None:
        absent = pytest.mark.skip(reason="needs ../shared or AGENT_CONSOLE_SHARED")
        for item in items:
            if item.get_closest_marker("needs_shared"):
                item.add_marker(absent)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI a skip is a failure, unless it is for want of ../shared."""
    report = yield
    excused = find_shared() is None and item.get_closest_marker("needs_shared")
    if not excused and not hasattr(report, "wasxfail"):
        _fail_if_skipped(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """The same for files that skip themselves as a whole."""
    report = yield
    _fail_if_skipped(report)
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What tests have to say beside passing: seeds, and what they did (`user_properties`, so from every process)."""
    for reports in terminalreporter.stats.values():
        for report in reports:
            for name, line in getattr(report, "user_properties", ()):
                if name == "said" and report.when == "teardown":
                    terminalreporter.write_line(f"{report.nodeid}: {line}")


def _fail_if_skipped(report: pytest.TestReport | pytest.CollectReport) -> None:
    reason = str(report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr)
    if CI and report.skipped and "../shared" not in reason:
        report.outcome = "failed"
        report.longrepr = f"skipped in CI, where nothing may be: {report.nodeid}: {reason}"


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """A headless Chromium for the tests of a file, and no longer: while its driver lives, its loop counts as the one
    that runs in this thread, and no asynchronous test can have its own."""
    from playwright.sync_api import sync_playwright

    from tests.webchat.browsing import ARGS

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=ARGS)
        yield running
        running.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A visitor's browser with nothing stored in it yet."""
    fresh = browser.new_context(locale="es-SV", viewport={"width": 1200, "height": 800})
    yield fresh
    fresh.close()
