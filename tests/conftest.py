"""What all tests share."""

import os

import pytest
from hypothesis import settings

# CI judges a change, so it tries the same examples for the same code; people's runs explore.
settings.register_profile("ci", derandomize=True, print_blob=True)
if os.environ.get("CI"):
    settings.load_profile("ci")


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
