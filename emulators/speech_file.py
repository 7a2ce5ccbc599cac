"""``python -m emulators.speech_file``: writes what a voice says to a WAV file."""

import argparse
import asyncio
import sys
import wave
from pathlib import Path

from emulators.engines import SPEECH, speech_engine


def main() -> int:
    """Writes the file."""
    parser = argparse.ArgumentParser(prog="python -m emulators.speech_file", description=__doc__)
    parser.add_argument("text")
    parser.add_argument("file", type=Path)
    parser.add_argument("--voice", default="marin")
    parser.add_argument("--rate", type=int, choices=(8000, 16_000, 24_000), default=8000)
    parser.add_argument("--speech", choices=SPEECH, default=SPEECH[0], help="the voice's engine")
    options = parser.parse_args()
    asyncio.run(_write(options))
    return 0


async def _write(options: argparse.Namespace) -> None:
    speech = speech_engine(options.speech)
    spoken = speech.speak(options.text, voice=options.voice, sample_rate=options.rate)
    pcm = b"".join([chunk.pcm async for chunk in spoken])
    with wave.open(str(options.file), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(options.rate)
        file.writeframes(pcm)


if __name__ == "__main__":
    sys.exit(main())
