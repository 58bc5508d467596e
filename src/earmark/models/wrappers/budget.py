"""A Model that never costs more than it may.

Each call reserves the most it can cost (every byte of the prompt a token, the answer as long as
allowed) and is charged what it did cost. A call that may have been billed without an answer is
charged the whole reservation. A reservation that might cross the budget is BudgetSpent, before
anything is sent.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from earmark import models
from earmark.errors import ConfigError
from earmark.models import CallFailed, Model, SupportsPrice
from earmark.models.wrappers.ledger import Ledger
from earmark.records import Completion, Request, Sampling

PROBE = Request(
    task_id="", seconds=1.0, sample=0, turn=0, messages=(), sampling=Sampling(max_tokens=1)
)


class Budget:
    """Spends at most `budget_usd` over all models, runs and processes that share the file `ledger`.

    Raises:
        ConfigError: for a model whose price is unknown.
    """

    def __init__(self, model: Model, *, budget_usd: float, ledger: str | Path) -> None:
        if not isinstance(model, SupportsPrice) or model.max_usd(PROBE) is None:
            raise unknown_price(model, "its price is unknown")
        self._model: Model = model
        self._priced: SupportsPrice = model
        self._ledger = Ledger(Path(ledger), budget_usd=budget_usd)

    @property
    def identity(self) -> Mapping[str, Any]:
        """That of the model."""
        return self._model.identity

    @property
    def spent_usd(self) -> float:
        """What all users of the ledger have spent, reservations of calls under way included."""
        return self._ledger.spent_usd

    def preflight(self, sampling: Sampling | None = None) -> None:
        """Let the model check what it needs."""
        models.preflight(self._model, sampling)

    def complete(self, request: Request) -> Completion:
        """Ask, if the worst case still fits.

        Raises:
            BudgetSpent: it does not.
            ConfigError: the worst case is unknown.
        """
        max_usd = self._priced.max_usd(request)
        if max_usd is None:
            raise unknown_price(
                self._model, "the longest answer, or the price of so long a prompt, is unknown"
            )
        with self._ledger.reserved(max_usd) as reservation:
            try:
                completion = self._model.complete(request)
            except BaseException as error:
                self._ledger.settle(reservation, _charge(error, max_usd))
                raise
            known_usd = completion.cost_usd
            self._ledger.settle(reservation, max_usd if known_usd is None else known_usd)
        return completion

    def close(self) -> None:
        """Close the model."""
        self._model.close()


def unknown_price(model: Model, why: str) -> ConfigError:
    """The error for a model that cannot be held to a budget."""
    name = model.identity.get("name")
    keys = "capabilities.price, output_tokens and context_tokens"
    hint = f"set {keys} in conf/model/{name}.yaml, or run without a budget"
    return ConfigError(f"budget_usd: model '{name}' cannot be held to a budget, {why}; {hint}")


def _charge(error: BaseException, max_usd: float) -> float:
    """What a call without an answer is charged: nothing only where it is certain that nothing was
    billed.
    """
    sent_nothing = isinstance(error, ConfigError)
    not_billed = isinstance(error, CallFailed) and not error.billed
    return 0.0 if sent_nothing or not_billed else max_usd
