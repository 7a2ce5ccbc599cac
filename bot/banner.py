"""What a person sees when the service is up."""

import sys
from pathlib import Path

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
    is_live = settings.voice_engine == "live"
    engine = ENGINES[settings.engine].format(
        model=settings.openai_live_model if is_live else settings.openai_realtime_model,
        url=settings.openai_live_url if is_live else settings.openai_realtime_url,
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
        call = f'{_python()} -m emulators.twilio call --url {webhook} --say "Hello"'
        lines.append(("Test call", call))
    lines += warnings(settings)
    body = "\n".join(f"  {name + ':':<11}{text}" for name, text in lines)
    return f"\nSwitchboard is answering.\n{body}\n  Ctrl-C ends it.\n"


def _python() -> Path:
    """The interpreter that has what a test call needs, as one types it here."""
    python, here = Path(sys.executable), Path.cwd()
    return python.relative_to(here) if python.is_relative_to(here) else python


def warnings(settings: Settings) -> list[tuple[str, str]]:
    """What whoever opens the service to other machines should know, where there is anything."""
    if settings.host in ("127.0.0.1", "::1", "localhost"):
        return []
    found = []
    if not settings.api_keys:
        found.append(("Control", "from this machine only; set API_KEYS for others"))
        if settings.talk_access != "public":
            found.append(("Page", "calls from this machine only; TALK_ACCESS lets others in"))
    if settings.talk_access == "public":
        found.append(("Warning", "anybody can call from a browser (TALK_ACCESS=public)"))
    if settings.twilio_enabled and not settings.twilio_auth_token:
        found.append(("Warning", "anybody can act as the carrier; set TWILIO_AUTH_TOKEN"))
    return found
