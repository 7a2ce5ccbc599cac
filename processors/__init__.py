"""Pipecat processors and what they stand on; they know ``agents`` and nothing of ``bot``."""
