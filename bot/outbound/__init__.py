"""Calls that we place: whom we may call when, their states, and what answered."""
