"""What is written of a run: the page with its sound, and the file for a CI."""

import re
from xml.etree.ElementTree import parse

import av
import numpy as np
import pytest

from emulators.twilio.suite.judging import judge
from emulators.twilio.suite.outcome import Played, Run
from emulators.twilio.suite.player import Line
from emulators.twilio.suite.report_html import HtmlReport
from emulators.twilio.suite.report_junit import write_junit
from emulators.twilio.suite.sound import outline, stereo
from tests.emulators.suite.made_calls import SECOND, call, tone


def a_run() -> Run:
    passed, failed = call(), call({"said": ["three <hotels>"]})
    heard = {"type": "user.transcript", "item_id": "u1", "text": "a <hostel> please", "final": True}
    failed.events = [*failed.events, heard]
    failed.story = [*failed.story, Line(False, "a bell \x07", 8 * SECOND, 9 * SECOND)]
    played = [
        Played(team="travel", round=number, evidence=each, verdicts=judge(each, {}))
        for number, each in enumerate((passed, failed), start=1)
    ]
    return Run(played, 2, 90)


def test_the_page_has_every_call_with_its_sound_words_and_checks(tmp_path):
    run = a_run()
    report = HtmlReport(tmp_path)
    for played in run.played:
        report.take(played)
        played.evidence.drop_sound()
    page = report.write(run).read_text("utf-8")

    assert "1 of 2" in page
    assert "pass^2" in page
    assert "A hotel &lt;in Paris&gt;." in page, "texts are no markup"
    assert page.count('<section class="call">') == 2
    assert "found: I found two hotels" in page
    assert page.count("the service understood: a &lt;hostel&gt; please") == 1
    assert not re.search(r'(src|href)="(https?:)?//', page), "it needs nothing from elsewhere"
    sounds = re.findall(r'<audio[^>]* src="([^"]+)"', page)
    assert sounds == ["sound/travel-books-a-hotel-1.ogg", "sound/travel-books-a-hotel-2.ogg"]
    with av.open(str(tmp_path / sounds[0])) as file:
        [stream] = file.streams.audio
        assert (stream.codec_context.name, stream.layout.name) == ("opus", "stereo")
        seconds = sum(frame.samples / frame.sample_rate for frame in file.decode(audio=0))
    assert seconds == pytest.approx(10, abs=0.1)


def test_the_callers_channel_is_the_left_one_whatever_its_rate():
    wide = np.zeros(24_000 * 10, np.int16)
    wide[24_000:48_000] = 5000
    for changes in ({}, {"said": wide.tobytes(), "said_is_ulaw": False, "said_rate": 24_000}):
        loud = np.abs(stereo(call(**changes)).astype(int)) > 1000
        seconds = loud.reshape(10, SECOND, 2).mean(axis=1) > 0.5
        assert list(np.flatnonzero(seconds[:, 0])) == [1]
        assert list(np.flatnonzero(seconds[:, 1])) == [3, 4, 5, 6]


def test_an_outline_shows_where_a_channel_is_loud():
    peaks = outline(stereo(call(heard=tone((5, 10))))[:, 1], columns=10)
    assert [peak > 0.1 for peak in peaks] == [False] * 5 + [True] * 5


def test_the_file_for_a_ci_has_a_case_for_each_call(tmp_path):
    path = tmp_path / "junit.xml"
    write_junit(path, a_run())
    root = parse(path).getroot()
    [suite] = root
    assert (suite.get("name"), suite.get("tests"), suite.get("failures")) == ("travel", "2", "1")
    assert [case.get("name") for case in suite] == ["books a hotel #1", "books a hotel #2"]
    assert suite[0].find("failure") is None
    failure = suite[1].find("failure")
    assert failure is not None
    assert failure.get("message") == "said: three <hotels>"
    assert "a bell ?" in str(suite[1].findtext("system-out"))
