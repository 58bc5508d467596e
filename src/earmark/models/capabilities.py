"""What a model can do, and what becomes of a wish it cannot grant.

In: the `capabilities` of a model's YAML and a requested Sampling. Out: the effective Sampling, or ConfigError where the model
cannot and `on_unsupported` is refuse. Nothing is sent from here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, TypeVar

from pydantic import ConfigDict, TypeAdapter, ValidationError

from earmark.errors import ConfigError
from earmark.records import Json, Request, Sampling, dump

T = TypeVar("T")
OnUnsupported = Literal["refuse", "clamp"]
EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")

# No tokenizer in use makes more than one token of a byte; the rest is room for role marks and what a provider puts around them.
TOKENS_PER_MESSAGE = 16
TOKENS_AROUND = 64


@dataclass(frozen=True, slots=True)
class Price:
    """List price in USD per million tokens; discounts for cached prompts are not subtracted, so that it is never too low."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")
    input_usd_per_million: float
    output_usd_per_million: float

    @property
    def free(self) -> bool:
        """True for a machine of one's own."""
        return self.input_usd_per_million == 0 and self.output_usd_per_million == 0

    def usd(self, input_tokens: int, output_tokens: int) -> float:
        """Cost in USD of so many tokens."""
        return (
            input_tokens * self.input_usd_per_million + output_tokens * self.output_usd_per_million
        ) / 1e6


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a model takes.

    temperature        a (lowest, highest) range, or one number: fixed, and never sent
    top_p, seed        whether it takes them
    system             whether it has a system role; without one the words go to the head of the first user message
    reasoning_efforts  the efforts it takes, none by default
    context_tokens     longest prompt for which `price` holds; output_tokens: longest answer, thinking included
    price              None where nobody told us: cost is then unknown, and no budget can be kept
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")
    temperature: tuple[float, float] | float = (0.0, 2.0)
    top_p: bool = True
    seed: bool = True
    system: bool = True
    reasoning_efforts: tuple[str, ...] = ()
    context_tokens: int | None = None
    output_tokens: int | None = None
    price: Price | None = None

    @property
    def deciding(self) -> Json:
        """The part that can change an answer, for the identity: all but context and price."""
        plain = dump_capabilities(self)
        return {
            name: value for name, value in plain.items() if name not in ("context_tokens", "price")
        }

    def max_usd(self, request: Request) -> float | None:
        """The most that one try of `request` can cost in USD; None where that is unknown.

        It is unknown without a price, without a limit on the answer, and for a prompt that may be longer than `context_tokens`:
        beyond that the list price may be another.
        """
        if self.price is None or self.price.free:
            return None if self.price is None else 0.0
        output_tokens = request.sampling.max_tokens or self.output_tokens
        input_tokens = max_input_tokens(request)
        if output_tokens is None or (
            self.context_tokens is not None and input_tokens > self.context_tokens
        ):
            return None
        return self.price.usd(input_tokens, output_tokens)


_ADAPTER = TypeAdapter(Capabilities)


def dump_capabilities(capabilities: Capabilities) -> Json:
    """Capabilities as plain JSON values."""
    plain: Json = _ADAPTER.dump_python(capabilities, mode="json")
    return plain


def capabilities_of(name: str, values: Mapping[str, Any] | Capabilities | None) -> Capabilities:
    """Capabilities from a YAML's mapping; ConfigError names the key that does not fit."""
    if isinstance(values, Capabilities):
        return values
    try:
        return _ADAPTER.validate_python(_plain(values or {}))
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise ConfigError(
            f"model '{name}' capabilities.{key}: {first['msg']}, got {first['input']!r}; see conf/model/{name}.yaml"
        ) from None


def max_input_tokens(request: Request) -> int:
    """An upper bound on the tokens of the prompt: one for each UTF-8 byte, and room for the frame."""
    content_bytes = sum(
        len(message.content.encode("utf-8", "replace")) for message in request.messages
    )
    return content_bytes + TOKENS_PER_MESSAGE * len(request.messages) + TOKENS_AROUND


def fitted(
    requested: Sampling, capabilities: Capabilities, *, name: str, on_unsupported: OnUnsupported
) -> Sampling:
    """What will be in force when `requested` is asked.

    A wish the model cannot grant is a ConfigError (refuse) or becomes the nearest it can (clamp). A seed it does not take is
    dropped either way: no provider promises more than best effort, and the answers come from the same distribution without it.
    """

    def settle(what: str, wish: T | None, nearest: T | None) -> T | None:
        if wish is None or wish == nearest or on_unsupported == "clamp":
            return nearest
        can = "takes none" if nearest is None else f"can do {nearest} at the nearest"
        hint = f"change {what}, or set model.on_unsupported=clamp to have the nearest and see it recorded"
        raise ConfigError(f"model '{name}': {what}={wish} is not supported, it {can}; {hint}")

    return Sampling(
        temperature=settle(
            "temperature",
            requested.temperature,
            _temperature(requested.temperature, capabilities.temperature),
        ),
        top_p=settle("top_p", requested.top_p, requested.top_p if capabilities.top_p else None),
        max_tokens=settle(
            "max_tokens",
            requested.max_tokens,
            _lower(requested.max_tokens, capabilities.output_tokens),
        ),
        reasoning_effort=settle(
            "reasoning_effort",
            requested.reasoning_effort,
            _effort(requested.reasoning_effort, capabilities.reasoning_efforts),
        ),
        seed=requested.seed if capabilities.seed else None,
    )


def sent(effective: Sampling, capabilities: Capabilities) -> Json:
    """The options that go over the wire: what is set, less a temperature that is fixed (many such models refuse the very word)."""
    fixed = not isinstance(capabilities.temperature, tuple)
    return {
        key: value
        for key, value in dump(effective).items()
        if value is not None and not (fixed and key == "temperature")
    }


def _temperature(wish: float | None, can: tuple[float, float] | float) -> float | None:
    if not isinstance(can, tuple):
        return can
    return None if wish is None else min(max(wish, can[0]), can[1])


def _lower(wish: int | None, most: int | None) -> int | None:
    return wish if wish is None or most is None else min(wish, most)


def _effort(wish: str | None, can: Sequence[str]) -> str | None:
    if wish is None or not can:
        return None
    place = {effort: rank for rank, effort in enumerate(EFFORTS)}
    if wish not in place:
        return can[0]
    return min(can, key=lambda effort: abs(place.get(effort, len(place)) - place[wish]))


def _plain(value: object) -> object:
    # Hydra hands over its own containers; pydantic wants the plain ones.
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return tuple(_plain(inner) for inner in value)
    return value
