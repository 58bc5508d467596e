"""Charts never mix what two pipelines gave under one name."""

from earmark.tracking.views import one_pipeline


def test_one_pipeline_for_each_embedder_needs_no_filter() -> None:
    assert one_pipeline([]) == ""
    assert one_pipeline([("clap", "a"), ("yamnet_minilm", "b"), ("clap", "a")]) == ""


def test_two_pipelines_under_one_name_are_kept_apart() -> None:
    assert (
        one_pipeline([("clap", "new"), ("clap", "old")]) == " and tags.`earmark.pipeline` = 'new'"
    )
