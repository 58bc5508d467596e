"""Baselines: fixed programs instead of a language model, against which real scores are read.

A baseline's answer costs nothing, takes no time and is the same bytes every time.
"""

from collections.abc import Mapping
from typing import Any

from earmark.records import Completion, Request


class Baseline:
    """A model without a provider; subclasses write `program`."""

    def __init__(self, *, name: str, baseline: bool = True) -> None:
        if not baseline:
            raise ValueError(
                f"model.baseline of {name!r} must be true, got {baseline}: "
                "its answers must never be ranked as a model's"
            )
        self.name = name

    @property
    def identity(self) -> Mapping[str, Any]:
        """Plain JSON values that decide the answer."""
        return {"name": self.name, "baseline": True}

    def program(self, request: Request) -> str:
        """The Python source that answers a request."""
        raise NotImplementedError(f"{type(self).__name__} must define program()")

    def complete(self, request: Request) -> Completion:
        """The program in one fence, finish reason "stop"."""
        text = f"```python\n{self.program(request).rstrip()}\n```\n"
        return self._completion(request, text, "stop")

    def close(self) -> None:
        """Nothing is held open."""

    def _completion(self, request: Request, text: str, finish_reason: str) -> Completion:
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
