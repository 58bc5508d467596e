"""The folder of one sweep, and where sweeps are.

multirun/SWEEP/sweep.json              facts: overrides, versions, git state, what a search found
multirun/SWEEP/RUN/                    one folder per run: see run_folder
multirun/SWEEP/ledger.json             what was spent under a budget
multirun/SWEEP/exclusions.json         what is excluded by hand: see exclusions
multirun/SWEEP/baselines/ references/  what its scores are read against
"""

from dataclasses import dataclass
from pathlib import Path

from earmark import paths
from earmark.errors import ConfigError, HarnessError, choose_from
from earmark.records import Json
from earmark.storage.atomic import TEMPORARY, read_json, tidy, write_json
from earmark.storage.exclusions import check_applied
from earmark.storage.foreign import own_files
from earmark.storage.run_folder import OLD, RunFolder


@dataclass(frozen=True, slots=True)
class SweepFolder:
    """One sweep on disk; its name is the folder's."""

    path: Path

    @classmethod
    def named(cls, name: str) -> "SweepFolder":
        """The folder of a sweep, which need not be there yet."""
        return cls(paths.sweeps() / name)

    @classmethod
    def find(cls, name: str) -> "SweepFolder":
        """The folder of a sweep that was started. ConfigError lists those there are."""
        names = [folder.name for folder in all_sweeps()]
        if name not in names:
            hint = choose_from(name, names) if names else "none was started yet"
            raise ConfigError(f"{name!r}: no such sweep in {paths.sweeps()}; {hint}")
        return cls.named(name)

    @property
    def name(self) -> str:
        """The sweep's name."""
        return self.path.name

    @property
    def ledger(self) -> Path:
        """The file of what was spent under a budget."""
        return self.path / "ledger.json"

    def runs(self) -> list[RunFolder]:
        """The finished runs, by folder name. HarnessError as `check`."""
        self.check()
        return self.finished_runs()

    def finished_runs(self) -> list[RunFolder]:
        """The same without a check: their numbers may be about to be made again."""
        return [RunFolder(path.parent) for path in sorted(self.path.glob("*/run.json"))]

    def stopped_runs(self) -> list[RunFolder]:
        """The runs that a search gave up, by folder name."""
        return [RunFolder(path.parent) for path in sorted(self.path.glob("*/stopped.json"))]

    def check(self) -> None:
        """HarnessError for a sweep that an earlier version made, or whose numbers are half made."""
        check_applied(self.path)
        if old := sorted(self.path.glob("*/cell.json")):
            problem = "was written by an earlier version of earmark"
            raise HarnessError(f"{old[0]}: {problem}; {OLD}")

    def tidy(self) -> None:
        """Remove what a killed writer left half written next to the runs, which tidy themselves."""
        tidy(self.path.glob(TEMPORARY))
        for name in ("baselines", "references"):
            tidy((self.path / name).rglob(TEMPORARY))

    def facts(self) -> Json:
        """What sweep.json holds; empty when it was never written."""
        path = self.path / "sweep.json"
        own_files(path)
        return read_json(path) if path.is_file() else {}

    def save_facts(self, facts: Json) -> None:
        """Write sweep.json."""
        write_json(self.path / "sweep.json", facts)


def all_sweeps() -> list[SweepFolder]:
    """The sweeps that were started, by name."""
    return [SweepFolder(path.parent) for path in sorted(paths.sweeps().glob("*/sweep.json"))]


def find_runs(pattern: str) -> list[RunFolder]:
    """The finished runs of all sweeps whose folder SWEEP/RUN matches a pattern."""
    found = sorted(paths.sweeps().glob(f"{pattern}/run.json"))
    return [RunFolder(path.parent) for path in found]
