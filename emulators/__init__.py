"""Stand-ins for OpenAI Realtime and Twilio that speak the vendors' wire protocols."""
