"""An OpenAI Realtime (GA) server: ``python -m emulators.realtime --port 8765``."""

from emulators.realtime.faults import Fault
from emulators.realtime.hints import HintSource
from emulators.realtime.server import RealtimeEmulator

__all__ = ["Fault", "HintSource", "RealtimeEmulator"]
