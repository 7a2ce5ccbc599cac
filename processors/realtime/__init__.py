"""The Realtime session of a call."""
