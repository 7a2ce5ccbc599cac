"""Calls on disk: two channels, written while the call runs, with the caller's consent."""
