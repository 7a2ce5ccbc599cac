"""A call's conversation with GPT-Live, by the Live API over one WebSocket."""
