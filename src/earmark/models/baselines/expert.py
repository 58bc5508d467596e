"""The expert baseline: a Request -> the program that a person wrote for this task.

In: a Request. Out: a Completion that holds programs/instruments/TIER.py followed by programs/TIER/ID.py: one file that stands alone. It
is near the ceiling of what synthesis by program can reach here; it never looks at the messages. A task without a program is a
refusal that names the file to write.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from earmark.errors import ConfigError
from earmark.identity import digest, folder_digest
from earmark.models.baselines.baseline import Baseline
from earmark.paths import PACKAGE
from earmark.records import Completion, Request

PROGRAMS = PACKAGE / "models" / "baselines" / "programs"
INSTRUMENTS = "instruments"


class Expert(Baseline):
    """Answers from a folder of programs, by task id.

    Args:
        name: the model's name.
        baseline: true; said in the YAML, for readers of tables.
        folder: holds instruments/TIER.py and TIER/ID.py; None is the package's own.
        revision: changes when the programs do, so that a run made with older ones is not taken for this one.
    """

    def __init__(
        self,
        *,
        name: str = "expert",
        baseline: bool = True,
        folder: str | None = None,
        revision: list[str] | None = None,
    ) -> None:
        super().__init__(name=name, baseline=baseline)
        self.folder = PROGRAMS if folder is None else Path(folder)
        self.revision = revision
        if not self.folder.is_dir():
            raise ConfigError(
                f"model.folder={folder}: must be a folder of expert programs, is none; leave it null for our own"
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
        if not self._places(request.task_id):
            where = f"{self.folder.name}/TIER/{request.task_id}.py"
            said = f"I have no program for the task {request.task_id!r}: write {where}, or leave the expert out of this sweep."
            return self._answer(request, said, "refusal")
        return super().complete(request)

    def program(self, request: Request) -> str:
        """The tier's instrument and the task's program as one source."""
        place = self._places(request.task_id)[0]
        instrument = self.folder / INSTRUMENTS / place.parent.with_suffix(".py").name
        parts = [instrument, place] if instrument.is_file() else [place]
        return "\n\n".join(part.read_text(encoding="utf-8").strip() for part in parts) + "\n"

    def _places(self, task_id: str) -> list[Path]:
        """Where the task's program lies; ids are the same across tiers only by mistake, which the tests refuse."""
        found = self.folder.glob(f"*/{task_id}.py")
        return sorted(path for path in found if path.parent.name != INSTRUMENTS)
