"""Holds one call from this machine: the microphone test."""

import sys

from bot.serve import switchboard_with_children
from bot.settings import Settings
from bot.transports.microphone import AudioDevice, MicrophoneLine


async def talk(settings: Settings, device: AudioDevice) -> None:
    """Holds one call between the device and the team."""
    async with switchboard_with_children(settings) as switchboard:
        await switchboard.start()
        try:
            sys.stdout.write(f"Talking to {switchboard.team.title}; Ctrl-C hangs up.\n")
            sys.stdout.flush()
            await switchboard.calls.admit().run(MicrophoneLine(device))
        finally:
            await switchboard.close()
