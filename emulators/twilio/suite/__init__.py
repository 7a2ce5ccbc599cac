"""Simulated callers: scenarios in YAML, played by voice, checked, repeated and reported."""
