"""The tasks of a tier, kept out of OmegaConf: conf/tier/NAME.yaml -> a configuration without them, and the tasks when it is made plain.

In: Hydra's question for a tier. Out: its file with the list of tasks replaced by the file's name, and for that name the list. OmegaConf
makes a node of every value and copies all nodes many times while it composes: with fifty tasks in it, one run took a second. A list
that the command line gives is left as it is. It checks no task; see tasks.py.
"""

import builtins
from collections.abc import Mapping
from copy import deepcopy
from functools import lru_cache
from pathlib import Path
from typing import Any

from hydra.core.config_search_path import ConfigSearchPath
from hydra.core.object_type import ObjectType
from hydra.core.plugins import Plugins
from hydra.plugins.config_source import ConfigResult, ConfigSource
from hydra.plugins.search_path_plugin import SearchPathPlugin
from omegaconf import OmegaConf

from earmark import paths

GROUP = "tier"
MAX_NODES = 1_000_000  # of a tier's YAML; what OmegaConf reads without being told, 10,000, is some 250 tasks


class TierFiles(ConfigSource):
    """The group `tier` of a folder of configuration; everything else is left to the source that comes after it."""

    @staticmethod
    def scheme() -> str:
        """The word before :// in Hydra's search path."""
        return "earmark.tier"

    def available(self) -> bool:
        """True where there are tiers."""
        return self.is_group(GROUP)

    def is_group(self, config_path: str) -> bool:
        """True for the group `tier`."""
        return config_path == GROUP and (Path(self.path) / GROUP).is_dir()

    def is_config(self, config_path: str) -> bool:
        """True for a tier that has a file."""
        return config_path.startswith(f"{GROUP}/") and self._file(config_path).is_file()

    def list(self, config_path: str, results_filter: ObjectType | None) -> builtins.list[str]:
        """The tiers."""
        wanted = config_path == GROUP and results_filter in (None, ObjectType.CONFIG)
        return (
            sorted(path.stem for path in (Path(self.path) / GROUP).glob("*.yaml")) if wanted else []
        )

    def load_config(self, config_path: str) -> ConfigResult:
        """The tier's file with its tasks named, not held. Raises what reading and parsing raise."""
        path = self._file(config_path)
        shown = {
            key: path.name if key == "tasks" and isinstance(value, list) else value
            for key, value in _read(path).items()
        }
        header = self._get_header_dict(path.read_text(encoding="utf-8"))
        return ConfigResult(
            self.provider, f"{self.scheme()}://{self.path}", OmegaConf.create(shown), header
        )

    def _file(self, config_path: str) -> Path:
        return Path(self.path) / self._normalize_file_name(config_path)


class TierSearchPath(SearchPathPlugin):
    """Puts the tiers before the folder that Hydra reads everything else from."""

    def manipulate_search_path(self, search_path: ConfigSearchPath) -> None:
        """Called by Hydra once for each composition."""
        search_path.prepend("earmark", f"{TierFiles.scheme()}://{paths.conf()}")


def register() -> None:
    """Tell Hydra; safe to call again."""
    for plugin in (TierFiles, TierSearchPath):
        Plugins.instance().register(plugin)


def with_tasks(tier: Mapping[str, Any]) -> dict[str, Any]:
    """The tier with its list of tasks in place of the name of the file that holds it."""
    named = tier.get("tasks")
    path = paths.conf() / GROUP / str(named)
    if (
        not isinstance(named, str)
        or path.parent.name != GROUP
        or path.suffix != ".yaml"
        or not path.is_file()
    ):
        return dict(tier)
    return {**tier, "tasks": deepcopy(_read(path).get("tasks"))}


def _read(path: Path) -> dict[str, Any]:
    stat = path.stat()
    return _parsed(path, (stat.st_mtime_ns, stat.st_size, stat.st_ino))


@lru_cache(maxsize=32)
def _parsed(path: Path, _version: tuple[int, ...]) -> dict[str, Any]:
    value = OmegaConf.to_container(
        OmegaConf.load(path, max_yaml_expanded_nodes=MAX_NODES), resolve=False
    )
    return (
        {str(key): item for key, item in value.items()}
        if isinstance(value, dict)
        else {"tasks": value}
    )
