"""A Model that never costs more than it may.

In: a Model that knows its price, and a ledger. Out: the same answers, until the next call might cross the budget: then BudgetSpent,
before anything is sent. Each try of a call reserves the most it can cost (every byte of the prompt a token, the answer as long as
allowed) and pays what it did cost; a try that may have been billed without an answer pays the whole reservation.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from earmark.errors import ConfigError
from earmark.models import Model, optional
from earmark.models.optional import Hold, Priced
from earmark.models.wrappers.ledger import Ledger
from earmark.records import Completion, Request, Sampling

ANY = Request(
    task_id="", seconds=1.0, sample=0, turn=0, messages=(), sampling=Sampling(max_tokens=1)
)


class Budget:
    """Spends at most `budget_usd` over all models, runs and processes that share the file `ledger`.

    Raises ConfigError for a model that cannot say what it costs.
    """

    def __init__(self, model: Model, *, budget_usd: float, ledger: str | Path) -> None:
        if not isinstance(model, Priced) or model.max_usd(ANY) is None:
            raise self._unknown(model, "its price is not known")
        self._model: Model = model
        self._priced: Priced = model
        self._ledger = Ledger(Path(ledger), budget_usd=budget_usd)

    @property
    def identity(self) -> Mapping[str, Any]:
        """That of the model."""
        return self._model.identity

    @property
    def spent_usd(self) -> float:
        """What the ledger's sharers have spent, holds of calls under way included."""
        return self._ledger.spent_usd

    def preflight(self, sampling: Sampling | None = None) -> None:
        """Say what the model lacks, if anything."""
        optional.preflight(self._model, sampling)

    def max_usd(self, request: Request) -> float | None:
        """That of the model."""
        return self._priced.max_usd(request)

    def complete(self, request: Request) -> Completion:
        """Ask, if the worst case still fits. Raises BudgetSpent; ConfigError where the worst case is unknown."""
        return self.complete_metered(request, hold=self._ledger.hold)

    def complete_metered(self, request: Request, *, hold: Hold) -> Completion:
        """As complete(), by another's ledger."""
        if self._priced.max_usd(request) is None:
            raise self._unknown(
                self._model, "how long its answer or this prompt may be is not known"
            )
        return self._priced.complete_metered(request, hold=hold)

    def close(self) -> None:
        """Close the model."""
        self._model.close()

    @staticmethod
    def _unknown(model: Model, why: str) -> ConfigError:
        name = model.identity.get("name")
        hint = f"give capabilities.price, output_tokens and context_tokens in conf/model/{name}.yaml, or run without a budget"
        return ConfigError(f"budget_usd: model '{name}' cannot be held to a budget, {why}; {hint}")
