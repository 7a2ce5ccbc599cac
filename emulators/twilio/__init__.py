"""The carrier: Twilio's REST API, webhooks, TwiML and Media Streams, with telephones attached.

``python -m emulators.twilio call --url http://localhost:7860/twilio/voice --say "hello"`` places a
call; ``python -m emulators.twilio serve --port 8880`` is the REST API for outbound calls.
"""
