"""An OpenAI Live API server (GPT-Live over WebSocket) that needs no key."""

from emulators.live.server import LiveEmulator

__all__ = ["LiveEmulator"]
