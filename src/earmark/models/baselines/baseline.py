"""What the baselines share: source text -> a Completion that costs nothing.

In: a Request and the program that answers it. Out: a Completion in one code fence. No provider is asked and no time passes, so that
a baseline's answer is the same bytes every time. Tokens are None, because none were counted.
"""

from collections.abc import Mapping
from typing import Any

from earmark.records import Completion, Request


class Baseline:
    """A model that is no model; subclasses answer `program(request)`."""

    def __init__(self, *, name: str, baseline: bool = True) -> None:
        if not baseline:
            raise ValueError(
                f"model.baseline of {name!r} must be true: its answers are no model's and must never be ranked as one"
            )
        self.name = name

    @property
    def identity(self) -> Mapping[str, Any]:
        """Plain JSON values that decide the answer."""
        return {"name": self.name, "baseline": True}

    def program(self, request: Request) -> str:
        """The Python source that answers a request."""
        raise NotImplementedError(f"{type(self).__name__} must answer with a program")

    def complete(self, request: Request) -> Completion:
        """The program in one fence, finish reason "stop"."""
        return self._answer(request, f"```python\n{self.program(request).rstrip()}\n```\n", "stop")

    def close(self) -> None:
        """Nothing is held open."""

    def _answer(self, request: Request, text: str, finish_reason: str) -> Completion:
        return Completion(
            text=text,
            model=self.name,
            finish_reason=finish_reason,
            prompt_tokens=None,
            completion_tokens=None,
            seconds=0.0,
            cost_usd=0.0,
            requested=request.sampling,
            effective=request.sampling,
        )
