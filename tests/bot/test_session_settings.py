from bot.engines.realtime import call_policy, session_options
from bot.settings import Settings
from processors.realtime.options import Retention, SemanticVad


def options(**given):
    return session_options(Settings(_env_file=None, **given))


def test_a_model_thinks_and_forgets_by_itself_unless_told_otherwise():
    plain = options()
    assert plain.reasoning_effort is None
    assert plain.truncation == "auto"


def test_reasoning_and_retention_reach_the_session():
    set_ = options(
        realtime_reasoning_effort="low", realtime_retention_ratio=0.7, vad_type="semantic_vad"
    )
    assert set_.reasoning_effort == "low"
    assert set_.truncation == Retention(ratio=0.7)
    assert isinstance(set_.turn_detection, SemanticVad)


def test_only_servers_that_are_named_may_be_called_from_the_models_side():
    assert not call_policy(Settings(_env_file=None), "phone").permitted_servers
    named = Settings(_env_file=None, permitted_mcp_servers="post, bank", tool_timeout_s=7)
    policy = call_policy(named, "phone")
    assert policy.permitted_servers == {"post", "bank"}
    assert policy.remote_tool_s == 7
