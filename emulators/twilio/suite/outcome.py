"""How often the scenarios of a run passed."""

from collections.abc import Sequence
from dataclasses import dataclass

from emulators.twilio.suite.evidence import Evidence
from emulators.twilio.suite.figures import Figures, figures
from emulators.twilio.suite.judging import Verdict


@dataclass(frozen=True, kw_only=True)
class Played:
    """One scenario, played once.

    Attributes:
        team: Whose scenario.
        round: Which time, from 1.
        evidence: The call.
        verdicts: Of its checks.
    """

    team: str
    round: int
    evidence: Evidence
    verdicts: Sequence[Verdict]

    @property
    def name(self) -> str:
        """The scenario's."""
        return self.evidence.scenario.name

    @property
    def passed(self) -> bool:
        """Whether every check held."""
        return all(verdict.passed for verdict in self.verdicts)

    @property
    def failed_checks(self) -> list[Verdict]:
        """Those that did not hold."""
        return [verdict for verdict in self.verdicts if not verdict.passed]

    @property
    def figures(self) -> Figures:
        """Of the call."""
        return figures(self.evidence)


@dataclass(frozen=True)
class Run:
    """Everything that was played.

    Attributes:
        played: In the order of teams, scenarios and rounds.
        rounds: How often each scenario was played.
        seconds: What it took.
    """

    played: Sequence[Played]
    rounds: int
    seconds: float

    @property
    def passed(self) -> bool:
        """Whether every scenario passed every time."""
        return bool(self.played) and all(each.passed for each in self.played)

    @property
    def pass_rate(self) -> float:
        """The share of calls that passed, 0 to 1."""
        return sum(each.passed for each in self.played) / max(1, len(self.played))

    @property
    def pass_all(self) -> float:
        """pass^k: the share of scenarios that passed all of their k times, 0 to 1.

        The measure of reliability of τ-bench (Yao et al. 2024, arXiv:2406.12045), where k is the
        number of trials. One that was played less often, in a run that was cut short, did not.
        """
        scenarios = self.by_scenario()
        passed = [len(each) == self.rounds and all(e.passed for e in each) for each in scenarios]
        return sum(passed) / max(1, len(scenarios))

    def by_scenario(self) -> list[list[Played]]:
        """The rounds of each scenario together."""
        found: dict[tuple[str, str], list[Played]] = {}
        for each in self.played:
            found.setdefault((each.team, each.name), []).append(each)
        return list(found.values())
