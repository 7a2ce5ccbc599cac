"""What can answer in the emulated model's place, one module each."""
