"""An OpenAI Realtime (GA) server: ``python -m emulators.realtime --port 8765``."""
