"""What callers are told about the recording, and what the agents are."""

from dataclasses import replace

from agents import Agent, Team
from bot.recording.modes import RecordingMode

NOTICE = "This call is recorded."
QUESTION = "May I record this call?"

_ANNOUNCED = f"""
# Recording
This call is recorded, and the caller is told so: "{NOTICE}" If nobody has said it yet, begin with
that sentence. If the caller objects, or says "stop recording", call
record_consent with granted false at once, say that the recording has stopped, and go on.
""".strip()

_ASKED = f"""
# Recording
Nothing is recorded before the caller agrees. They are asked first: "{QUESTION}" If nobody has
asked yet, ask it first. When they answer, call record_consent: granted true only for a clear yes,
false for a no. Go on with the call in either case, and do not ask again. If they later say "stop
recording", call it with granted false; if they change their mind, with granted true.
""".strip()


def briefed(team: Team, mode: RecordingMode) -> Team:
    """The team as it speaks where calls are recorded that way: announcing it, or asking."""
    if mode in ("off", "on"):
        return team
    line, told = (NOTICE, _ANNOUNCED) if mode == "announce" else (QUESTION, _ASKED)

    def agent(agent: Agent) -> Agent:
        greeting = agent.greeting
        if greeting:
            # A notice comes before everything else, a question where it can be answered.
            greeting = f"{line} {greeting}" if mode == "announce" else f"{greeting} {line}"
        return replace(agent, greeting=greeting, instructions=f"{agent.instructions}\n\n{told}")

    return replace(team, agents=tuple(agent(each) for each in team.agents))
