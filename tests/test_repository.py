"""What holds for the repository as a whole: clean locks, and commands that exist."""

import importlib.util
import json
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
HOST = re.compile(r"https?://|--(?:extra-)?index-url|--find-links")


@pytest.mark.parametrize("lock", ["requirements.lock", "console/node.txt"])
def test_a_python_lock_names_no_index_and_no_host(lock):
    lines = (ROOT / lock).read_text().splitlines()
    assert [line for line in lines if HOST.search(line)] == []


def test_the_npm_lock_names_no_registry():
    packages = json.loads((ROOT / "console" / "package-lock.json").read_text())["packages"]
    for package in packages.values():
        package.pop("funding", None)  # links to sponsors
    assert len(packages) > 20
    assert not HOST.search(json.dumps(packages))
    assert [name for name, package in packages.items() if name and "integrity" not in package] == []


def test_every_locked_python_package_has_a_hash():
    text = (ROOT / "requirements.lock").read_text()
    packages = re.findall(r"^[a-z0-9][\w.-]*==", text, re.MULTILINE)
    blocks = re.split(r"^(?=[a-z0-9][\w.-]*==)", text, flags=re.MULTILINE)[1:]
    assert len(packages) > 20
    assert [block.split()[0] for block in blocks if "--hash=sha256:" not in block] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_in_the_documentation_exist(page):
    text = page.read_text()
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    fenced = "\n".join(re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL))
    assert set(re.findall(r"^make ([a-z-]+)", fenced, re.MULTILINE)) <= targets
    for module in re.findall(r"python -m ([\w.]+)", fenced):
        assert importlib.util.find_spec(module), f"{page.name} runs {module}, which is not there"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_inside_the_documentation_lead_somewhere(page):
    links = re.findall(r"\]\((?!https?://|#)([^)#]+)", page.read_text())
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_ci_calls_the_readmes_test_command():
    assert "make test" in (ROOT / "README.md").read_text()
    assert re.search(r"^make test$", (ROOT / ".ci" / "run").read_text(), re.MULTILINE)
    run = ROOT / ".ci" / "run"
    subprocess.run(["bash", "-n", str(run)], check=True)
