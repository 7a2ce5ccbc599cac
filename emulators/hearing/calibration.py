"""What was measured once about channels: cepstral means and the weights that widen telephone audio.

``calibration.json`` is written by ``python -m emulators.hearing.calibrate``, which says how.
"""

import json
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

import numpy as np

from emulators.hearing.bandwidth import BANDS, FEATURES, Floats

_FILE = Path(__file__).with_name("calibration.json")


@dataclass(frozen=True, slots=True)
class Calibration:
    """Measurements of the channels.

    Attributes:
        voices: The synthetic voices that they were made with.
        telephone_mean: Cepstral mean of widened telephone speech, 13 numbers with commas.
        wideband_mean: Cepstral mean of speech at 16 kHz.
        weights: For `emulators.hearing.bandwidth.widen`, one row for each feature.
    """

    voices: list[str]
    telephone_mean: str
    wideband_mean: str
    weights: list[list[float]]

    def matrix(self) -> Floats:
        """The weights as an array."""
        return np.array(self.weights, dtype=np.float64).reshape(FEATURES, BANDS)

    def save(self) -> Path:
        """Writes the file that `calibration` reads; returns its path."""
        _FILE.write_text(json.dumps(asdict(self), indent=None) + "\n", "utf-8")
        return _FILE


@cache
def calibration() -> Calibration:
    """The stored measurements."""
    return Calibration(**json.loads(_FILE.read_text("utf-8")))
