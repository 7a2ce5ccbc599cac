"""How a call's audio comes in and goes out, one module per way."""
