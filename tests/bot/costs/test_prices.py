"""Prices: what a response costs by the table, and a table of the user's own."""

from pathlib import Path

import pytest

from bot.costs.prices import read_prices
from bot.settings import Settings
from processors.events.figures import Usage


def usage(model: str, **tokens: float) -> Usage:
    return Usage(response_id="r1", model=model, **tokens)


def cost(used: Usage, own: Path | None = None) -> float:
    charge = read_prices(own).charge(used)
    assert charge is not None
    return charge.usd


def test_every_sort_of_token_has_its_price():
    used = usage(
        "gpt-realtime-2.1-mini",
        input_text_tokens=3_000_000,
        input_audio_tokens=2_000_000,
        cached_tokens=1_500_000,
        cached_audio_tokens=500_000,
        output_text_tokens=1_000_000,
        output_audio_tokens=1_000_000,
    )
    # 2 M text, 1 M cached text, 1.5 M audio, 0.5 M cached audio; 1 M of each out.
    assert cost(used) == pytest.approx(2 * 0.60 + 0.06 + 1.5 * 10 + 0.5 * 0.30 + 2.40 + 20)


def test_a_response_of_all_cached_tokens_is_never_paid_back():
    used = usage("gpt-5.4-mini", input_text_tokens=10, cached_tokens=40)
    assert cost(used) == pytest.approx(10 * 0.075 / 1_000_000)


def test_transcripts_cost_by_tokens_or_by_the_minute():
    assert cost(usage("gpt-realtime-whisper", audio_s=30)) == pytest.approx(0.0085)
    assert cost(usage("gpt-4o-mini-transcribe", input_audio_tokens=600)) == pytest.approx(0.00075)


def test_a_dated_snapshot_costs_what_its_model_does_and_an_unknown_model_is_not_guessed():
    dated = usage("gpt-realtime-2.1-2026-05-06", output_audio_tokens=1_000_000)
    assert cost(dated) == pytest.approx(64)
    assert read_prices().charge(usage("gpt-realtime-2.1-huge", output_audio_tokens=5)) is None


def test_own_prices_replace_and_extend_the_shipped_ones(tmp_path):
    own = tmp_path / "prices.toml"
    own.write_text('[chat."gpt-5.4-mini"]\ninput_text = 1.5\n[realtime."mine"]\noutput_text = 2\n')
    assert cost(usage("gpt-5.4-mini", input_text_tokens=1_000_000), own) == pytest.approx(1.5)
    mine = read_prices(own).charge(usage("mine", output_text_tokens=500_000))
    assert mine is not None
    assert (mine.kind, mine.usd) == ("realtime", pytest.approx(1.0))
    assert cost(usage("gpt-5.4", output_text_tokens=1_000_000), own) == pytest.approx(15)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[speech."x"]\ninput_text = 1\n', "speech"),
        ('[chat."x"]\ninput = 1\n', "chat.x.input"),
        ('[chat."x"]\ninput_text = -1\n', "greater than or equal to 0"),
        ("[chat\n", "TOML"),
        (None, "can be read"),
    ],
)
def test_a_file_of_another_form_is_refused_at_the_start(tmp_path, text, says):
    own = tmp_path / "prices.toml"
    if text is not None:
        own.write_text(text)
    with pytest.raises(ValueError, match="a TOML file of prices") as refused:
        Settings(_env_file=None, prices_file=own)
    assert says in str(refused.value)
