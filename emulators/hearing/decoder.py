"""Decodes utterances within a grammar with pocketsphinx. For one thread of one process."""

from collections import OrderedDict
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import soxr
from pocketsphinx import Decoder
from rapidfuzz.distance import Levenshtein

from emulators.hearing.automaton import FINAL, START
from emulators.hearing.bandwidth import RATE, Pcm, widen
from emulators.hearing.calibration import calibration
from emulators.hearing.grammar import Grammar
from emulators.hearing.language_model import write_language_model
from emulators.hearing.margins import without_margins
from emulators.hearing.pronunciation import model_path, pronunciations

TELEPHONE_RATE = 8000
_KEPT_GRAMMARS = 24
_LEAST_LIKENESS, _LEAST_SHORT_LIKENESS = 0.4, 0.3
"""Measured: 95 of 100 expected sentences are above, 95 of 100 others below (synthetic voices)."""
_SENTENCES = 3000
"""From which the model for dictation in free order is made."""
_WORD_INSERTION = 0.1
"""How likely another word is as against none: telephone audio has many false short words."""


class GrammarDecoder:
    """Hears whole utterances that grammars allow.

    One acoustic model and one dictionary serve all grammars; the most recent ones are kept.
    """

    def __init__(self) -> None:
        self._calibration = calibration()
        self._weights = self._calibration.matrix()
        self._known_words: set[str] = set()
        self._grammars: OrderedDict[str, Grammar] = OrderedDict()
        self._with_language_model: set[str] = set()
        with TemporaryDirectory() as folder:
            dictionary = Path(folder, "start.dict")
            dictionary.write_text("yes Y EH S\n")
            self._decoder = Decoder(
                hmm=str(model_path("en-us")),
                dict=str(dictionary),
                lm=None,
                # Without a word lattice an utterance is final in milliseconds, not seconds.
                bestpath=False,
                # The mean is preset; "batch" would take it from a single short utterance.
                cmn="live",
                wip=_WORD_INSERTION,
                loglevel="FATAL",
            )
        self._known_words.add("yes")

    def transcribe(self, pcm: bytes, sample_rate: int, grammar: Grammar) -> str:
        """The words of one utterance; empty when there are none."""
        said = without_margins(np.frombuffer(pcm, dtype=np.int16), sample_rate)
        samples = self._prepare(said, sample_rate)
        if not len(samples):
            return ""
        telephone = sample_rate == TELEPHONE_RATE
        self._use(grammar)
        heard = self._decode(grammar.key, samples, telephone=telephone)
        dictated = self._decode(self._dictation(grammar), samples, telephone=telephone)
        return heard if _agree(heard, dictated) else dictated

    def _prepare(self, samples: Pcm, sample_rate: int) -> Pcm:
        if sample_rate == TELEPHONE_RATE:
            return widen(samples, self._weights) if len(samples) else samples
        if sample_rate == RATE:
            return samples
        resampled: Pcm = soxr.resample(samples, sample_rate, RATE)
        return resampled

    def _decode(self, search: str, samples: Pcm, *, telephone: bool) -> str:
        means = self._calibration
        decoder = self._decoder
        decoder.activate_search(search)
        decoder.set_cmn(means.telephone_mean if telephone else means.wideband_mean)
        decoder.start_utt()
        decoder.process_raw(samples.tobytes(), False, False)
        decoder.end_utt()
        hypothesis = decoder.hyp()
        words = hypothesis.hypstr.split() if hypothesis else []
        # Another pronunciation of a word is "the(2)".
        return " ".join(word.split("(")[0] for word in words)

    def _use(self, grammar: Grammar) -> None:
        if grammar.key in self._grammars:
            self._grammars.move_to_end(grammar.key)
            return
        self._learn_words(grammar.words)
        model = self._decoder.create_fsg(grammar.key, START, FINAL, grammar.transitions())
        self._decoder.add_fsg(grammar.key, model)
        self._grammars[grammar.key] = grammar
        if len(self._grammars) > _KEPT_GRAMMARS:
            dropped, _ = self._grammars.popitem(last=False)
            self._decoder.activate_search(grammar.key)
            self._decoder.remove_search(dropped)
            if dropped in self._with_language_model:
                self._with_language_model.discard(dropped)
                self._decoder.remove_search(_dictation_name(dropped))

    def _dictation(self, grammar: Grammar) -> str:
        """The search that hears the grammar's words in other orders, made at first use."""
        name = _dictation_name(grammar.key)
        if grammar.key not in self._with_language_model:
            with TemporaryDirectory() as folder:
                path = Path(folder, "model.arpa")
                write_language_model(grammar.sentences(_SENTENCES), path)
                self._decoder.add_lm_file(name, str(path))
            self._with_language_model.add(grammar.key)
        return name

    def _learn_words(self, words: Iterable[str]) -> None:
        new = set(words) - self._known_words
        for word, ways in pronunciations(sorted(new)).items():
            for number, way in enumerate(ways, start=1):
                name = word if number == 1 else f"{word}({number})"
                # A search that is made later finds them: no need to rebuild the ones there are.
                self._decoder.add_word(name, way, False)
        self._known_words |= new


def _agree(heard: str, dictated: str) -> bool:
    """Whether a sentence of the grammar is what was said.

    A grammar makes one of its sentences out of anything. When the same words in free order
    sound quite different, the sentence was none of them.
    """
    words = heard.split()
    if 0 < len(words) < 3:
        return True  # too short to be judged by
    likeness = Levenshtein.normalized_similarity(words, dictated.split())
    return likeness >= (_LEAST_LIKENESS if len(words) > 3 else _LEAST_SHORT_LIKENESS)


def _dictation_name(key: str) -> str:
    return f"{key}-dictation"
