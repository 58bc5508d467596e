"""The expert baseline: the program that a person wrote for a task.

Its answer is programs/instruments/TIER.py followed by programs/TIER/ID.py, one file that stands
alone, and never reads the messages. It is what careful synthesis by program reaches here, no upper
limit: recordings may do better.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from earmark.errors import ConfigError
from earmark.identity import digest, folder_digest
from earmark.models.baselines import Baseline
from earmark.paths import PACKAGE
from earmark.records import Completion, Request

PROGRAMS = PACKAGE / "models" / "baselines" / "programs"
INSTRUMENTS = "instruments"


class Expert(Baseline):
    """Answers from a folder of programs, by task id.

    Args:
        name: the model's name.
        baseline: true; stands in the YAML for readers of tables.
        folder: holds instruments/TIER.py and TIER/ID.py; None is the package's own.
    """

    def __init__(
        self,
        *,
        name: str = "expert",
        baseline: bool = True,
        folder: str | None = None,
    ) -> None:
        super().__init__(name=name, baseline=baseline)
        self.folder = PROGRAMS if folder is None else Path(folder)
        if not self.folder.is_dir():
            raise ConfigError(
                f"model.folder must be a folder of expert programs, got {folder}; "
                "set null for the package's own"
            )

    @property
    def identity(self) -> Mapping[str, Any]:
        """Name and digest of every program."""
        folders = sorted(path for path in self.folder.iterdir() if path.is_dir())
        return {
            **super().identity,
            "programs": digest([[path.name, folder_digest(path, "*.py")] for path in folders]),
        }

    def complete(self, request: Request) -> Completion:
        """The task's program, or a refusal that names the file to write."""
        if not self._paths(request.task_id):
            path = f"{self.folder.name}/TIER/{request.task_id}.py"
            hint = f"write {path}, or leave the expert out of this sweep"
            text = f"I have no program for the task {request.task_id!r}: {hint}."
            return self._completion(request, text, "refusal")
        return super().complete(request)

    def program(self, request: Request) -> str:
        """The tier's instrument and the task's program as one source."""
        path = self._paths(request.task_id)[0]
        instrument = self.folder / INSTRUMENTS / path.parent.with_suffix(".py").name
        parts = [instrument, path] if instrument.is_file() else [path]
        return "\n\n".join(part.read_text(encoding="utf-8").strip() for part in parts) + "\n"

    def _paths(self, task_id: str) -> list[Path]:
        """The task's program, if there is one: a test refuses an id that two tiers share."""
        candidates = self.folder.glob(f"*/{task_id}.py")
        return sorted(path for path in candidates if path.parent.name != INSTRUMENTS)
