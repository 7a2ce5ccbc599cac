"""A small n-gram model for sentences that a grammar does not allow, of words that it knows."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from pocketsphinx.lm import ArpaBoLM


def write_language_model(sentences: Iterable[Sequence[str]], path: Path) -> None:
    """Writes a back-off trigram model of sentences in ARPA format."""
    text = "\n".join(" ".join(words) for words in sentences if words)
    model = ArpaBoLM(text=text, add_start=True)
    model.compute()
    model.write_file(str(path))
