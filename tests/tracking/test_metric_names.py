"""Metrics that a person can read: few plain names, groups for the rest, no share read backwards."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earmark.tracking.metric_names import group_name, mlflow_metrics

KNOWN = {
    "centroid_hz": "signal/centroid_hz",
    "check_f0_ok": "check/f0",
    "check_f0_cents": None,
    "check_onset_count": None,
    "check_ok_se": "error/check_ok",
    "valid_rate_se": "error/valid_rate",
    "clap_template_2": "template/clap_2",
    "clap_calibrated": "calibrated/clap_calibrated",
    "floor": "baseline/floor",
    "fad_null_high": "fad/null_high",
    "kad": "kad/distance",
    "vendi": "diversity/vendi",
    "prompt_tokens": "spending/prompt_tokens",
    "clap_music": "other/clap_music",
}


@pytest.mark.parametrize(("name", "grouped"), KNOWN.items())
def test_every_other_number_has_a_group(name: str, grouped: str | None) -> None:
    assert group_name(name) == grouped


@given(
    names=st.lists(st.sampled_from([*KNOWN, "clap", "clap_floored", "fad", "cost_usd", "seconds"]))
)
def test_at_most_twelve_have_no_slash(names: list[str]) -> None:
    metrics = mlflow_metrics(dict.fromkeys(names, 1.0), "clap")
    assert sum("/" not in name for name in metrics) <= 12


def test_headline_numbers_come_first() -> None:
    scores = {"centroid_hz": 1.0, "fad": 2.0, "clap": 0.5, "clap_floored": 0.4, "valid_rate": 1.0}
    assert list(mlflow_metrics(scores, "clap")) == [
        *("clap", "clap_floored", "valid_rate", "fad"),
        *(
            "at a glance/clap_floored",
            "at a glance/clap",
            "at a glance/valid_rate",
            "at a glance/fad",
        ),
        "signal/centroid_hz",
    ]


@given(names=st.lists(st.sampled_from([*KNOWN, "clap", "check_ok"]), min_size=1))
def test_charts_begin_with_the_scores(names: list[str]) -> None:
    metrics = mlflow_metrics({"valid_rate": 0.5, **dict.fromkeys(names, 1.0)}, "clap")
    grouped = [name for name in metrics if "/" in name]
    assert grouped[0].startswith("at a glance/")  # on the page of evaluation runs: as they come
    assert min(grouped).startswith("at a glance/")  # on the page of runs: by name
    for name in grouped:
        if name.startswith("at a glance/"):
            assert metrics[name] == metrics[name.removeprefix("at a glance/")]


def test_the_funnel_says_what_passed() -> None:
    metrics = mlflow_metrics({"funnel_answered": 1.0, "funnel_within_limits": 0.75}, "clap")
    assert metrics == {"funnel/answered": 1.0, "funnel/within_limits": 0.75}


def test_infinite_numbers_are_left_out() -> None:
    assert mlflow_metrics({"fad": math.inf, "seconds": 1.0}, "clap") == {"seconds": 1.0}
