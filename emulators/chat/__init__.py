"""An emulated chat completions API, for what agents write when they can't speak."""
