"""Traces of calls for OpenTelemetry: from the call to its turns, tools, handoffs and sessions."""
