"""A Model that is asked in batches: its answers come by `submit` and `collect`, none by `complete`.

    submit(requests)    what is neither recorded nor under way goes to the provider
    collect(requests)   wait for the batches that hold them; each answer is recorded like any other

Each step is in the journal before the next is taken, and what a batch may cost is held in the
ledger from before it is sent until it has ended. A process that is killed in between loses nothing:
the next one finds the batch, at the provider if need be, and waits for it.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from math import fsum
from pathlib import Path
from typing import Any, TypeVar

from earmark import models
from earmark.errors import ConfigError, ModelUnavailable
from earmark.identity import completion_key
from earmark.models import (
    BatchState,
    CallFailed,
    Model,
    SupportsBatches,
    capabilities_of,
    pacing_of,
)
from earmark.models.pacing import MAX_WAIT_SECONDS, backoff_seconds
from earmark.models.wrappers.batch_journal import BatchJournal, Entry, entry_of
from earmark.models.wrappers.budget import unknown_price
from earmark.models.wrappers.completion_store import CompletionStore
from earmark.models.wrappers.ledger import BudgetSpent, Ledger
from earmark.records import Completion, Request, Sampling

T = TypeVar("T")
OnState = Callable[[BatchState], None]
MAX_REQUESTS = 20_000  # of one batch: the least that providers take is 50,000 and 200 MB
FIRST_LOOK_SECONDS, MAX_LOOK_SECONDS, LOOK_GROWTH = 0.5, 60.0, 1.5
EXPIRED = "its batch expired before it was answered; start the same line again to ask anew"


class Batched:
    """Asks `model` in batches and records its answers in `folder`.

    Args:
        model: a model of a provider that has batches.
        folder: of the cassette.
        ledger: what the sweep may spend; None without a budget.

    Raises:
        ConfigError: a model that has no batches; a budget, and a model whose price is unknown.
    """

    def __init__(self, model: Model, folder: str | Path, *, ledger: Ledger | None = None) -> None:
        if not isinstance(model, SupportsBatches):
            rule = "it has no provider, and answers one request at a time"
            name = model.identity.get("name")
            raise ConfigError(f"asking=batch: model '{name}': {rule}; set asking=each for it")
        self._model: Model = model
        self._service = model.batches()
        self._store = CompletionStore(Path(folder))
        self._journal = BatchJournal(Path(folder))
        self._ledger = ledger
        self._capabilities = capabilities_of(model).in_batches
        if ledger is not None and self._capabilities.price is None:
            raise unknown_price(model, "its price is unknown")

    @property
    def identity(self) -> Mapping[str, Any]:
        """That of the model: it is the same answer, whichever way it came."""
        return self._model.identity

    def preflight(self, sampling: Sampling | None = None) -> None:
        """Let the model check what it needs."""
        models.preflight(self._model, sampling)

    def complete(self, request: Request) -> Completion:
        """Never an answer: what was not answered by a batch is not asked by itself, at full price.

        Raises:
            ModelUnavailable: says why the batch brought none.
        """
        reason = self._store.error(self._key(request))
        name = self.identity.get("name")
        hint = "start the same line again to ask in another batch, or set asking=each"
        raise ModelUnavailable(
            reason or f"model '{name}': no batch answered task '{request.task_id}'; {hint}"
        )

    def submit(self, requests: Sequence[Request]) -> None:
        """Ask what is neither recorded nor under way, and finish what was cut off in doing so.

        Raises:
            BudgetSpent: the most that a batch may cost does not fit; nothing of it was sent.
            ModelUnavailable, HarnessError: the provider or the disk is gone.
        """
        with self._journal.locked():
            entries = self._journal.entries(self.identity)
            under_way = [entry for entry in entries if not entry.ended]
            for entry in entries:
                self._settle(entry)
            for entry in under_way:
                if entry.batch is None:
                    self._send(entry)
            asked = {key for entry in under_way for key in entry.requests}
            keyed = {self._key(request): request for request in requests}
            missing = [
                request
                for key, request in keyed.items()
                if key not in asked and self._store.find(key) is None
            ]
            for start in range(0, len(missing), MAX_REQUESTS):
                chunk = missing[start : start + MAX_REQUESTS]
                self._send(entry_of(self.identity, chunk, self._max_usd(chunk)))

    def collect(self, requests: Sequence[Request], on_state: OnState = lambda _: None) -> None:
        """Wait for the batches that hold these requests, and record what they brought.

        Args:
            requests: what is wanted.
            on_state: called with how far a batch is, each time that is looked at.

        Raises:
            ModelUnavailable: the provider is gone, or refused a batch as a whole.
        """
        wanted = {self._key(request) for request in requests}
        for entry in self._journal.entries(self.identity):
            if not entry.ended and entry.batch is not None and wanted & entry.requests.keys():
                state = self._wait(entry, entry.batch, on_state)
                with self._journal.locked():
                    self._keep(entry, state)

    def close(self) -> None:
        """Close the model."""
        self._model.close()

    def _key(self, request: Request) -> str:
        return completion_key(self.identity, request)

    def _max_usd(self, requests: Sequence[Request]) -> float | None:
        total = _sum([self._capabilities.max_usd(request) for request in requests])
        if total is None and self._ledger is not None:
            why = "the longest answer, or the price of so long a prompt, is unknown"
            raise unknown_price(self._model, why)
        return total

    def _send(self, entry: Entry) -> None:
        """Bring a batch to the provider, from wherever an earlier process stopped."""
        self._journal.save(entry)
        resumed = entry.file is not None
        try:
            if self._ledger is not None and entry.max_usd is not None:
                self._ledger.hold(entry.name, entry.max_usd)
            if entry.file is None:
                file = self._retry(partial(self._service.upload, entry.requests))
                entry = replace(entry, file=file)
                self._journal.save(entry)
            entry = replace(entry, batch=self._start(entry, look_first=resumed))
        except (ConfigError, BudgetSpent, _Refused):
            self._journal.drop(entry)  # certainly nothing was submitted
            if self._ledger is not None:
                self._ledger.settle_held(entry.name, 0.0)
            raise
        except ModelUnavailable as error:
            raise self._may_be_under_way(entry, error) from None
        self._journal.save(entry)

    def _start(self, entry: Entry, *, look_first: bool) -> str:
        """The one batch that is made of a file: an earlier try may have made it already."""
        file = entry.file or ""

        def start() -> str:
            nonlocal look_first
            found = self._find(file) if look_first else None
            look_first = True
            return found or self._service.start(file)

        return self._retry(start)

    def _find(self, file: str) -> str | None:
        try:
            return self._service.find(file)
        except CallFailed as failure:
            # Whether there is one is not known, so a refusal here must not count as "none".
            retryable, wait = failure.retryable, failure.wait_seconds
            raise CallFailed(
                str(failure), retryable=retryable, billed=True, wait_seconds=wait
            ) from None

    def _wait(self, entry: Entry, batch: str, on_state: OnState) -> BatchState:
        pause = FIRST_LOOK_SECONDS
        while True:
            try:
                state = self._retry(partial(self._service.state, batch))
            except ModelUnavailable as error:
                raise self._may_be_under_way(entry, error) from None
            on_state(state)
            if state.ended:
                return state
            time.sleep(pause)
            pause = min(pause * LOOK_GROWTH, MAX_LOOK_SECONDS)

    def _keep(self, entry: Entry, state: BatchState) -> None:
        """Record what a batch brought, then that it has ended."""
        try:
            results = self._retry(partial(self._results, state, entry.requests))
        except ModelUnavailable as error:
            raise self._may_be_under_way(entry, error) from None
        costs: list[float | None] = []
        for key, request in entry.requests.items():
            result = results.get(key) or CallFailed(self._unanswered(state), retryable=True)
            if isinstance(result, CallFailed):
                self._store.keep_error(key, request, ModelUnavailable(str(result)))
                continue
            if self._store.find(key) is None:
                self._store.keep(key, self.identity, request, result)
            known = result.cost_usd
            costs.append(self._capabilities.max_usd(request) if known is None else known)
        entry = replace(entry, requests={}, ended=True, cost_usd=_sum(costs))
        self._journal.save(entry)
        self._settle(entry)

    def _results(
        self, state: BatchState, requests: Mapping[str, Request]
    ) -> dict[str, Completion | CallFailed]:
        """The results by key; an answer counts more than an error about the same request."""
        found: dict[str, Completion | CallFailed] = {}
        for key, result in self._service.results(state, requests):
            if isinstance(result, Completion) or key not in found:
                found[key] = result
        return found

    def _settle(self, entry: Entry) -> None:
        if self._ledger is None or not entry.ended:
            return
        usd = entry.max_usd if entry.cost_usd is None else entry.cost_usd
        if usd is not None:  # else nothing was held: what a batch may cost must be known for that
            self._ledger.settle_held(entry.name, usd)

    def _unanswered(self, state: BatchState) -> str:
        name = self.identity.get("name")
        if state.status == "expired":
            return f"model '{name}': {EXPIRED}"
        codes = f" ({', '.join(state.codes)})" if state.codes else ""
        what = f"its batch {state.id} ended as {state.status}{codes} without an answer"
        return f"model '{name}': {what}; start the same line again to ask anew"

    def _may_be_under_way(self, entry: Entry, error: ModelUnavailable) -> ModelUnavailable:
        """The error for a batch that may be under way, whatever went wrong here."""
        path = self._journal.path(entry)
        where = f"its batch {entry.batch or ''} may go on there".replace("  ", " ")
        hint = f"the same line again waits for it; if the provider has none, delete {path}"
        return ModelUnavailable(f"{error}; {where}: {hint}")

    def _retry(self, call: Callable[[], T]) -> T:
        """What `call` gives, tried as often as a request is."""
        retries, tries = pacing_of(self._model).retries, 0
        while True:
            tries += 1
            try:
                return call()
            except CallFailed as failure:
                wait_seconds = failure.wait_seconds or 0.0
                if not failure.retryable or wait_seconds > MAX_WAIT_SECONDS or tries > retries:
                    kind = ModelUnavailable if failure.retryable or failure.billed else _Refused
                    raise kind(f"{failure} (tries: {tries})") from None
            time.sleep(wait_seconds + backoff_seconds(tries - 1))


class _Refused(ModelUnavailable):
    """A call that certainly changed nothing at the provider."""


def _sum(amounts: Sequence[float | None]) -> float | None:
    """The sum; None where one is unknown."""
    known = [usd for usd in amounts if usd is not None]
    return fsum(known) if len(known) == len(amounts) else None
