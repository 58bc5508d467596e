"""What servers of the OpenAI protocol send -> what litellm reads.

litellm drops or refuses some answers that servers do send: content as a list of parts, an event
stream that was not asked for, an error under HTTP 200. They are made plain before it reads them.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import httpx

EVENT = "data:"
TEXT_TYPES, REASONING_TYPES = ("text", "output_text"), ("thinking", "reasoning", "reasoning_text")


class PlainClient(httpx.Client):
    """An HTTP client whose responses to complete requests are made plain."""

    def send(self, request: httpx.Request, **options: Any) -> httpx.Response:  # noqa: ANN401 httpx's own
        """As httpx.Client.send."""
        response = super().send(request, **options)
        if options.get("stream") or response.status_code != httpx.codes.OK:
            return response
        status, body = plain_body(response.text)
        if body is None:
            return response
        return httpx.Response(
            status, headers={"Content-Type": "application/json"}, content=body, request=request
        )


def plain_body(text: str) -> tuple[int, str | None]:
    """The status and body that a body under HTTP 200 should have had; None for the body as is."""
    value = _joined_events(text) if text.lstrip().startswith(EVENT) else _json(text)
    if not isinstance(value, dict):
        return 200, None
    if (error := value.get("error")) and not value.get("choices"):
        code = error.get("code") if isinstance(error, dict) else None
        status = code if isinstance(code, int) and 400 <= code < 600 else 500
        return status, json.dumps({"error": error if isinstance(error, dict) else {}})
    for choice in _dicts(value.get("choices")):
        message = choice.get("message")
        if isinstance(message, dict) and isinstance(message.get("content"), list):
            choice["message"] = {**message, **_plain_parts(message["content"])}
    return 200, json.dumps(value)


def _plain_parts(parts: list[Any]) -> dict[str, str]:
    """Content parts as one text, the reasoning in them apart."""
    texts, thoughts = list[str](), list[str]()
    for part in parts:
        kind = part.get("type") if isinstance(part, dict) else "text"
        if kind in REASONING_TYPES:
            thoughts.append(_text_of(part.get(kind) or part.get("text") or part.get("summary")))
        elif kind in TEXT_TYPES:
            texts.append(_text_of(part))
    plain = {"content": "".join(texts)}
    return plain | ({"reasoning_content": "".join(thoughts)} if thoughts else {})


def _text_of(part: object) -> str:
    if isinstance(part, list):
        return "".join(map(_text_of, part))
    if isinstance(part, dict):
        return _text_of(part.get("text"))
    return part if isinstance(part, str) else ""


def _joined_events(text: str) -> dict[str, Any] | None:
    """The completion that an event stream tells piece by piece; None where it tells none."""
    chunks = [chunk for chunk in _events(text) if chunk.get("choices") or chunk.get("usage")]
    if not chunks:
        return None
    message: dict[str, Any] = {"role": "assistant"}
    finish_reason = None
    for chunk in chunks:
        for choice in _dicts(chunk.get("choices"))[:1]:
            finish_reason = choice.get("finish_reason") or finish_reason
            for name, piece in (choice.get("delta") or {}).items():
                if isinstance(piece, str) and name != "role":
                    message[name] = message.get(name, "") + piece
    usages = [chunk["usage"] for chunk in chunks if chunk.get("usage")]
    head = {name: chunks[0].get(name) for name in ("id", "created", "model")}
    choice = {"index": 0, "message": message, "finish_reason": finish_reason}
    whole = {**head, "object": "chat.completion", "choices": [choice]}
    return whole | ({"usage": usages[-1]} if usages else {})


def _events(text: str) -> Iterator[Mapping[str, Any]]:
    for line in text.splitlines():
        if line.startswith(EVENT) and isinstance(value := _json(line[len(EVENT) :]), dict):
            yield value


def _dicts(value: object) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
