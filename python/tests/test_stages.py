import os

import pytest

from slam_lambda.stages import Stages

from .support import context

TWO = {"dev": {"STAGE": "dev", "ONLY_DEV": "1"}, "prod": {"STAGE": "prod", "PORT": 80}}


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    saved = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(saved)


@pytest.mark.parametrize(
    "alias, expected",
    [("dev", "dev"), ("prod", "prod"), (None, "dev"), ("$LATEST", "dev"), ("7", "dev")],
)
def test_stage_is_the_alias_or_the_development_stage(alias, expected):
    assert Stages(TWO).of(context(alias)) == expected


def test_development_stage_can_be_named():
    assert Stages(TWO, "prod").of(context()) == "prod"


def test_unknown_development_stage_is_refused():
    with pytest.raises(ValueError, match="SLAM_DEV_STAGE"):
        Stages(TWO, "test")


def test_unknown_alias_is_refused():
    with pytest.raises(LookupError, match="'canary'"):
        Stages(TWO).of(context("canary"))


@pytest.mark.parametrize("text", ["{", "[]", '{"dev": 1}'])
def test_broken_variable_is_named(monkeypatch, text):
    monkeypatch.setenv("SLAM_STAGES", text)
    with pytest.raises(ValueError, match="SLAM_STAGES"):
        Stages.from_environment()


def test_no_stages_at_all():
    stages = Stages({})
    assert stages.only() == "" == stages.of(context("anything"))


@pytest.mark.parametrize(
    "stages, version, expected",
    [
        ([], None, ""),
        (["dev"], "3", "dev"),
        (["dev", "prod"], None, None),
        (["dev", "prod"], "$LATEST", "dev"),
        (["dev", "prod"], "3", "prod"),
        (["dev", "staging", "prod"], "3", None),
    ],
)
def test_likely_stage_of_a_version(stages, version, expected):
    assert Stages({stage: {} for stage in stages}).likely(version) == expected


def test_variables_of_one_stage_are_not_seen_by_another():
    stages = Stages(TWO)
    stages.enter("dev", "$LATEST")
    assert (os.environ["STAGE"], os.environ["ONLY_DEV"]) == ("dev", "1")
    stages.enter("prod", "3")
    assert os.environ["STAGE"] == "prod" and "ONLY_DEV" not in os.environ and os.environ["PORT"] == "80"
    assert os.environ["LAMBDA_VERSION"] == "3"


def test_overridden_variable_comes_back(monkeypatch):
    monkeypatch.setenv("LEVEL", "info")
    stages = Stages({"dev": {"LEVEL": "debug"}, "prod": {}})
    stages.enter("dev", None)
    assert os.environ["LEVEL"] == "debug"
    stages.enter("prod", None)
    assert os.environ["LEVEL"] == "info"


def test_what_the_application_sets_stays_with_its_stage():
    stages = Stages(TWO)
    stages.enter("dev", None)
    os.environ["SETTINGS_MODULE"] = "dev_settings"
    stages.enter("prod", None)
    assert "SETTINGS_MODULE" not in os.environ
    stages.enter("dev", None)
    assert os.environ["SETTINGS_MODULE"] == "dev_settings"


def test_trace_id_belongs_to_the_invocation():
    stages = Stages(TWO)
    stages.enter("dev", None)
    os.environ["_X_AMZN_TRACE_ID"] = "two"
    stages.enter("prod", None)
    assert os.environ["_X_AMZN_TRACE_ID"] == "two"
