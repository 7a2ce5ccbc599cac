"""A process that hears: ``python -m emulators.hearing.worker``, started by `PocketSphinxHearing`.

Reads requests from stdin until its end. A request is a line of JSON and the audio behind it:
``{"size": bytes, "rate": Hz, "hints": {"phrases": […], "vocabulary": {…}}}``. The answer is a
line of JSON: ``{"text": …}`` or ``{"error": …}``.
"""

import sys
from functools import lru_cache
from typing import BinaryIO

import orjson

from emulators.hearing import Hints
from emulators.hearing.decoder import GrammarDecoder
from emulators.hearing.grammar import Grammar


@lru_cache(maxsize=64)
def _grammar(hints: bytes) -> Grammar:
    """Grammars by their hints in JSON, which is the same text every time."""
    return Grammar(Hints(**orjson.loads(hints)))


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answers requests until there are no more."""
    decoder = GrammarDecoder()
    while line := requests.readline():
        request = orjson.loads(line)
        pcm = requests.read(request["size"])
        try:
            grammar = _grammar(orjson.dumps(request["hints"]))
            answer = {"text": decoder.transcribe(pcm, request["rate"], grammar)}
        except Exception as error:  # the next utterance may be fine
            answer = {"error": f"{type(error).__name__}: {error}"}
        answers.write(orjson.dumps(answer, option=orjson.OPT_APPEND_NEWLINE))
        answers.flush()


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer)
