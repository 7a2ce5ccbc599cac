"""Realtime sessions of a call: connection, history, responses, function calls, handover."""
