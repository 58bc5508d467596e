"""The seam of asking: Request -> Completion.

In: a Request. Out: a Completion, received whole. A model does not parse, retry a bad answer or score. A transport that fails
raises ModelUnavailable; an answer that is refused, empty or cut short is a Completion like any other (see `failure_of`).
"""

from collections.abc import Mapping
from typing import Any, Protocol

from earmark.records import Completion, Request


class Model(Protocol):
    """Who writes: a hosted or local language model, a baseline, or a wrapper of one."""

    @property
    def identity(self) -> Mapping[str, Any]:
        """Plain JSON values that decide the answer: name, base URL, fixed options. Never a key, never a port of ours."""

    def complete(self, request: Request) -> Completion:
        """Ask once and wait. Safe to call from several threads. Raises ModelUnavailable."""

    def close(self) -> None:
        """Let go of servers and connections; safe to call twice."""
