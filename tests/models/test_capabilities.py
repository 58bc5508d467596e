"""What is wished, what a model can, what comes of it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from earmark.errors import ConfigError
from earmark.models.capabilities import EFFORTS, Capabilities, Price, fit, max_input_tokens, options
from earmark.records import Message, Request, Sampling
from earmark.testing.models import request_of

numbers = st.floats(0, 2, allow_nan=False)
samplings = st.builds(
    Sampling,
    temperature=st.none() | numbers,
    top_p=st.none() | st.floats(0.01, 1),
    max_tokens=st.none() | st.integers(1, 10**6),
    reasoning_effort=st.none() | st.sampled_from(EFFORTS) | st.just("extreme"),
    seed=st.none() | st.integers(0, 2**31),
)
abilities = st.builds(
    Capabilities,
    temperature=numbers | st.tuples(st.floats(0, 0.5), st.floats(0.5, 2)),
    top_p=st.booleans(),
    seed=st.booleans(),
    reasoning_efforts=st.lists(st.sampled_from(EFFORTS), unique=True).map(tuple),
    output_tokens=st.none() | st.integers(1, 10**5),
)


@settings(deadline=None)
@given(samplings, abilities)
def test_a_clamp_is_always_within_what_the_model_can(wanted: Sampling, can: Capabilities) -> None:
    got = fit(wanted, can, name="m", on_unsupported="clamp")
    assert fit(got, can, name="m", on_unsupported="refuse") == got
    assert got.seed is None or can.seed
    assert got.top_p is None or can.top_p
    assert got.reasoning_effort is None or got.reasoning_effort in can.reasoning_efforts
    assert (
        got.max_tokens is None or can.output_tokens is None or got.max_tokens <= can.output_tokens
    )


@settings(deadline=None)
@given(samplings, abilities)
def test_refusing_is_an_error_exactly_where_a_wish_would_be_bent(
    wanted: Sampling, can: Capabilities
) -> None:
    nearest = fit(wanted, can, name="m", on_unsupported="clamp")
    wishes = ("temperature", "top_p", "max_tokens", "reasoning_effort")
    if all(getattr(wanted, wish) in (None, getattr(nearest, wish)) for wish in wishes):
        assert fit(wanted, can, name="m", on_unsupported="refuse") == nearest
    else:
        with pytest.raises(
            ConfigError, match=r"model 'm': .* is not supported, .*on_unsupported=clamp"
        ):
            fit(wanted, can, name="m", on_unsupported="refuse")


@settings(deadline=None)
@given(samplings, abilities)
def test_only_what_is_in_force_is_sent(wanted: Sampling, can: Capabilities) -> None:
    got = fit(wanted, can, name="m", on_unsupported="clamp")
    over_the_wire = options(got, can)
    assert ("temperature" in over_the_wire) == (
        wanted.temperature is not None and isinstance(can.temperature, tuple)
    )
    assert all(getattr(got, key) == value for key, value in over_the_wire.items())
    assert None not in over_the_wire.values()


def test_the_nearest_effort_is_taken() -> None:
    can = Capabilities(reasoning_efforts=("low", "high"))
    got = [
        fit(Sampling(reasoning_effort=wish), can, name="m", on_unsupported="clamp").reasoning_effort
        for wish in EFFORTS
    ]
    assert got == ["low", "low", "low", "low", "high", "high", "high"]


@settings(deadline=None)
@given(st.lists(st.text(max_size=40), max_size=5))
def test_no_byte_is_left_out_of_the_bound(contents: list[str]) -> None:
    request = Request(
        "t", 1.0, 0, 0, tuple(Message("user", content) for content in contents), Sampling()
    )
    assert max_input_tokens(request) >= sum(len(content.encode()) for content in contents) + len(
        contents
    )


def test_the_most_it_can_cost_is_unknown_when_anything_is() -> None:
    price = Price(1.0, 10.0)
    asked = request_of("x" * 1000, sampling=Sampling(max_tokens=500))
    endless = request_of("x" * 1000, sampling=Sampling())
    assert Capabilities(price=price).max_usd(asked) == pytest.approx(
        (1000 + 80) * 1e-6 + 500 * 10e-6
    )
    assert Capabilities(price=price, output_tokens=100).max_usd(endless) == pytest.approx(
        (1000 + 80) * 1e-6 + 100 * 10e-6
    )
    assert Capabilities().max_usd(asked) is None
    assert Capabilities(price=price).max_usd(endless) is None
    assert Capabilities(price=price, context_tokens=999).max_usd(asked) is None
    assert Capabilities(price=Price(0, 0), context_tokens=1).max_usd(endless) == 0.0
