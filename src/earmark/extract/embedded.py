"""Programs inside JSON: a tool call, content parts, or an object with a field for the code."""

import json
import re
from collections.abc import Iterator

TOOL_TAG = re.compile(r"</?(?:tool_calls?|function_calls?)>")
MAX_DEPTH = 20


def strings_in(text: str, *, depth: int = MAX_DEPTH) -> Iterator[str]:
    """Every string value of a JSON text, in order, also of JSON inside of strings; none where it is
    no JSON.
    """
    text = TOOL_TAG.sub("", text).strip()
    if not text.startswith(("{", "[")):
        return
    try:
        value = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return
    yield from _strings(value, depth)


def _strings(value: object, depth: int) -> Iterator[str]:
    if isinstance(value, str):
        yield value
        if depth:
            yield from strings_in(value, depth=depth - 1)
    elif isinstance(value, dict | list) and depth:
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _strings(inner, depth - 1)
