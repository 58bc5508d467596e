"""A Request -> the messages on the wire; a Reply -> a Completion."""

from earmark.models.capabilities import Capabilities
from earmark.models.transport import Reply
from earmark.records import Completion, Message, Request, Sampling


def to_wire(messages: tuple[Message, ...], *, system: bool) -> list[dict[str, str]]:
    """The messages as a provider takes them.

    Args:
        messages: of a request.
        system: the model has a system role. One without reads the same words at the head of the
            first user message.
    """
    plain = [{"role": message.role, "content": message.content} for message in messages]
    if system or not plain or plain[0]["role"] != "system":
        return plain
    head, rest = plain[0]["content"], plain[1:]
    if rest and rest[0]["role"] == "user":
        return [{"role": "user", "content": f"{head}\n\n{rest[0]['content']}"}, *rest[1:]]
    return [{"role": "user", "content": head}, *rest]


def completion_of(
    reply: Reply,
    request: Request,
    *,
    effective: Sampling,
    capabilities: Capabilities,
    batch: str | None = None,
) -> Completion:
    """The record of a reply; its cost is that of `capabilities`."""
    return Completion(
        text=reply.text,
        model=reply.model,
        finish_reason=reply.finish_reason,
        prompt_tokens=reply.prompt_tokens,
        completion_tokens=reply.completion_tokens,
        seconds=reply.seconds,
        cost_usd=_cost_usd(reply, capabilities),
        requested=request.sampling,
        effective=effective,
        reasoning=reply.reasoning,
        reasoning_tokens=reply.reasoning_tokens,
        batch=batch,
    )


def _cost_usd(reply: Reply, capabilities: Capabilities) -> float | None:
    price = capabilities.price
    if price is None or reply.prompt_tokens is None or reply.completion_tokens is None:
        return None
    return price.usd(reply.prompt_tokens, reply.completion_tokens)
