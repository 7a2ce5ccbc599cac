"""How words are pronounced, in the recogniser's phonemes: by its dictionary, or by espeak-ng."""

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from pocketsphinx import get_model_path

from emulators.espeak import shared_espeak

# espeak-ng's IPA for US English to the ARPAbet of CMUdict; longest first where one starts another.
_ARPABET = {
    **{"aɪɚ": "AY ER", "aɪə": "AY AH", "oːɹ": "AO R", "ɔːɹ": "AO R", "ɑːɹ": "AA R"},
    **{"ɛɹ": "EH R", "ɪɹ": "IH R", "ʊɹ": "UH R", "iə": "IY AH", "əl": "AH L", "n̩": "AH N"},
    **{"tʃ": "CH", "dʒ": "JH", "oʊ": "OW", "aʊ": "AW", "aɪ": "AY", "eɪ": "EY", "ɔɪ": "OY"},
    **{"iː": "IY", "uː": "UW", "ɑː": "AA", "ɔː": "AO", "oː": "OW", "ɜː": "ER", "ɚ": "ER"},
    **{"ə": "AH", "ɐ": "AH", "ʌ": "AH", "æ": "AE", "a": "AA", "ɑ": "AA", "ɔ": "AO", "o": "OW"},
    **{"i": "IY", "ɪ": "IH", "ᵻ": "IH", "ʊ": "UH", "u": "UW", "ɛ": "EH", "e": "EH", "y": "IY"},
    **{"p": "P", "b": "B", "t": "T", "d": "D", "k": "K", "ɡ": "G", "g": "G", "f": "F"},
    **{"v": "V", "θ": "TH", "ð": "DH", "s": "S", "z": "Z", "ʃ": "SH", "ʒ": "ZH", "h": "HH"},
    **{"m": "M", "n": "N", "ŋ": "NG", "l": "L", "ɹ": "R", "r": "R", "j": "Y", "w": "W"},
    **{"ɾ": "T", "ʔ": "T", "x": "K", "ɫ": "L"},
}
_IPA = re.compile("|".join(sorted(_ARPABET, key=lambda ipa: -len(ipa))))


def model_path(name: str) -> Path:
    """A file or folder of the US English model that comes with pocketsphinx."""
    return Path(get_model_path("en-us"), name)


def pronunciations(words: Iterable[str]) -> dict[str, list[str]]:
    """For each word its pronunciations, phonemes with spaces between them; never empty.

    A word that the dictionary lacks, such as a hotel's name, is pronounced by espeak-ng.
    """
    known = _dictionary()
    return {word: known.get(word) or [spelled_out(word)] for word in words}


def spelled_out(word: str) -> str:
    """A word's pronunciation by espeak-ng in ARPAbet."""
    spoken = shared_espeak().phonemes(word)
    ipa = "".join(phoneme for part in spoken for phoneme in part)
    phonemes = [_ARPABET[match] for match in _IPA.findall(ipa)]
    return " ".join(phonemes) or "AH"


@cache
def _dictionary() -> dict[str, list[str]]:
    entries: dict[str, list[str]] = {}
    for line in model_path("cmudict-en-us.dict").read_text("utf-8").splitlines():
        word, _, phonemes = line.partition(" ")
        entries.setdefault(word.split("(")[0], []).append(phonemes)
    return entries
