"""What a person sees when the service is up."""

from agents import Team
from bot.settings import Settings

ENGINES = {
    "emulator": "offline emulator (set OPENAI_API_KEY for the real model)",
    "openai": "OpenAI, {model}",
    "custom": "{url}, {model}",
}


def banner(settings: Settings, team: Team, *, port: int) -> str:
    """Where the service is, who answers, with which model, and how to try it."""
    local = f"http://localhost:{port}"
    engine = ENGINES[settings.engine].format(
        model=settings.openai_realtime_model, url=settings.openai_realtime_url
    )
    lines = [
        ("Talk", settings.public_url or local),
        ("Team", f"{team.title}: {', '.join(agent.name for agent in team.agents)}"),
        ("Engine", engine),
    ]
    if settings.twilio_enabled:
        webhook = f"{settings.public_url or local}/twilio/voice"
        if settings.twilio_phone_number:
            lines.append(("Phone", f"{settings.twilio_phone_number}, webhook {webhook}"))
        lines.append(
            ("Test call", f'python -m emulators.twilio call --url {webhook} --say "Hello"')
        )
    body = "\n".join(f"  {name + ':':<11}{text}" for name, text in lines)
    return f"\nSwitchboard is answering.\n{body}\n  Ctrl-C ends it.\n"
