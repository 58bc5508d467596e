"""A Model that tries again where another try may help.

It decides on the next try alone: how often, after which wait, and how many calls may be under way
at the provider meanwhile. What a try costs and where its answer is kept is the work of other
wrappers.
"""

import time
from collections.abc import Mapping
from typing import Any

from earmark import models
from earmark.errors import ModelUnavailable
from earmark.models import CallFailed, Model, pacing_of
from earmark.models.pacing import MAX_WAIT_SECONDS, Pacing, backoff_seconds, limiter_for
from earmark.records import Completion, Request, Sampling


class Retry:
    """Asks `model` up to 1 + `pacing.retries` times; `pacing` is the model's own unless given."""

    def __init__(self, model: Model, *, pacing: Pacing | None = None) -> None:
        self._model = model
        self._pacing = pacing or pacing_of(model)
        self._limiter = limiter_for(self._pacing.provider, self._pacing.concurrency)

    @property
    def identity(self) -> Mapping[str, Any]:
        """That of the model."""
        return self._model.identity

    def preflight(self, sampling: Sampling | None = None) -> None:
        """Let the model check what it needs."""
        models.preflight(self._model, sampling)

    def complete(self, request: Request) -> Completion:
        """Ask until answered or out of tries.

        Raises:
            ModelUnavailable: no try was answered; and what the model raises besides CallFailed.
        """
        tries = 0
        while True:
            tries += 1
            try:
                with self._limiter.slot():
                    completion = self._model.complete(request)
            except CallFailed as failure:
                wait_seconds = self._wait_seconds(failure, tries)
            else:
                self._limiter.succeed()
                return completion
            time.sleep(wait_seconds)

    def close(self) -> None:
        """Close the model."""
        self._model.close()

    def _wait_seconds(self, failure: CallFailed, tries: int) -> float:
        """How long to wait before the next try. Raises ModelUnavailable where there is none."""
        requested = failure.wait_seconds
        too_long = requested is not None and requested > MAX_WAIT_SECONDS
        still_down = failure.unreachable and self._limiter.down
        if not failure.retryable or too_long or still_down or tries > self._pacing.retries:
            self._limiter.down = failure.unreachable
            wait = "" if requested is None else f", the provider asks to wait {requested:g} s"
            raise ModelUnavailable(f"{failure} (tries: {tries}{wait})") from None
        if requested is None:
            wait_seconds = backoff_seconds(tries - 1)
        else:
            wait_seconds = requested + backoff_seconds(0)
        if failure.throttled:
            self._limiter.throttle(wait_seconds)
        return wait_seconds
