"""Reads scenarios from YAML, and says where one is wrong: file, scenario and field."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from emulators.twilio.suite.scenario import ScenarioFile


class ScenarioError(ValueError):
    """A file of scenarios that can't be read; the text says where it is wrong."""


@dataclass(frozen=True, slots=True)
class Team:
    """The scenarios of one file."""

    path: Path
    file: ScenarioFile


def load(paths: Iterable[Path]) -> list[Team]:
    """Reads files of scenarios. Raises `ScenarioError` that names every fault of all of them."""
    teams, faults = [], []
    for path in paths:
        try:
            teams.append(Team(path, _read(path)))
        except ScenarioError as error:
            faults.append(str(error))
    if faults:
        raise ScenarioError("\n".join(faults))
    return teams


def _read(path: Path) -> ScenarioFile:
    try:
        value = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ScenarioError(f"{path}: {error}") from error
    except yaml.YAMLError as error:
        raise ScenarioError(f"{path}: not YAML: {error}") from error
    try:
        return _beside(path, ScenarioFile.model_validate(value))
    except ValidationError as error:
        faults = [f"{path}: {_where(value, fault)}: {fault['msg']}" for fault in error.errors()]
        raise ScenarioError("\n".join(dict.fromkeys(faults))) from error


def _beside(path: Path, file: ScenarioFile) -> ScenarioFile:
    """The file with recordings where they are: their names are as seen from the file."""
    scenarios = tuple(
        each.model_copy(
            update={
                "recorded": each.recorded.model_copy(
                    update={"audio": str(path.parent / each.recorded.audio)}
                )
            }
        )
        if each.recorded
        else each
        for each in file.scenarios
    )
    return file.model_copy(update={"scenarios": scenarios})


def _where(value: Any, fault: ErrorDetails) -> str:
    """The scenario by its name, and the field."""
    location = [str(part) for part in fault["loc"]]
    if len(location) < 2 or location[0] != "scenarios":
        return ".".join(location) or "the file"
    try:
        name = value["scenarios"][int(location[1])]["name"]
        scenario = f"scenario {name!r}"
    except (LookupError, TypeError, ValueError):
        scenario = f"scenario {int(location[1]) + 1}" if location[1].isdigit() else "scenarios"
    return ": ".join(part for part in (scenario, ".".join(location[2:])) if part)
