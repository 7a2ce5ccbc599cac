"""The carrier: Twilio's REST API, webhooks and Media Streams, and callers."""
