"""What all tests share."""

import gc
import os

import pytest
from hypothesis import settings

# CI judges a change, so it tries the same examples for the same code; people's runs explore.
settings.register_profile("ci", derandomize=True, print_blob=True)
if os.environ.get("CI"):
    settings.load_profile("ci")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begins with what takes its time: a call that is left to the end is waited for alone."""
    items.sort(key=lambda item: "by_phone" not in item.path.name)
    items.sort(key=lambda item: item.path.name != "test_scenarios.py")
    items.sort(key=lambda item: item.get_closest_marker("call") is None)


def pytest_collection_finish() -> None:
    """Leaves what was imported out of collections, as the service does: calls run in this process.

    To go through all of it takes a third of a second, in which no call of a test goes on.
    """
    gc.freeze()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Lists the times that tests took, for people: what a busy machine needs proves nothing."""
    reports = [
        report for kind in ("passed", "failed") for report in terminalreporter.getreports(kind)
    ]
    measured = [(report.nodeid, *figure) for report in reports for figure in report.user_properties]
    if measured:
        terminalreporter.section("measured")
    for test, name, value in sorted(set(measured)):
        terminalreporter.write_line(f"{value:>8} {name} ({test.rpartition('::')[2]})")
