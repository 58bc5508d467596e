"""Hydra's source for tier files: it keeps the list of tasks out of OmegaConf.

OmegaConf makes a node of every value and copies all nodes many times while it composes; with
fifty tasks in the configuration, composing one run took a second. So the source puts the name of
the file where the list of tasks was, and `with_tasks` puts the list back into plain values. A
list given on the command line is left as it is. Tasks are validated in earmark.tasks.loading.
"""

import builtins
from collections.abc import Mapping
from copy import deepcopy
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from hydra.core.config_search_path import ConfigSearchPath
from hydra.core.object_type import ObjectType
from hydra.core.plugins import Plugins
from hydra.plugins.config_source import ConfigResult, ConfigSource
from hydra.plugins.search_path_plugin import SearchPathPlugin
from omegaconf import OmegaConf
from omegaconf._yaml import get_yaml_loader  # its rules of YAML without a node for every value

from earmark import paths

GROUP = "tier"
MAX_NODES = 1_000_000  # of a tier's YAML; OmegaConf's own limit, 10,000, is about 250 tasks


class TierFiles(ConfigSource):
    """The group `tier` of a configuration folder; every other group is left to the next source."""

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
        """The names of the tiers."""
        if config_path != GROUP or results_filter not in (None, ObjectType.CONFIG):
            return []
        return sorted(path.stem for path in (Path(self.path) / GROUP).glob("*.yaml"))

    def load_config(self, config_path: str) -> ConfigResult:
        """The tier with the name of its file in place of its tasks. Raises OSError, YAMLError."""
        path = self._file(config_path)
        tier = dict(_read(path))
        if isinstance(tier.get("tasks"), builtins.list):
            tier["tasks"] = path.name
        header = self._get_header_dict(path.read_text(encoding="utf-8"))
        source = f"{self.scheme()}://{self.path}"
        return ConfigResult(self.provider, source, OmegaConf.create(tier), header)

    def _file(self, config_path: str) -> Path:
        return Path(self.path) / self._normalize_file_name(config_path)


class TierSearchPath(SearchPathPlugin):
    """Puts this source before the folder that Hydra reads everything else from."""

    def manipulate_search_path(self, search_path: ConfigSearchPath) -> None:
        """Called by Hydra once for each composition."""
        own = paths.own_conf()
        if own is not None:
            search_path.append("own", f"file://{own}")
        for folder in filter(None, (own, paths.conf())):
            search_path.prepend("earmark", f"{TierFiles.scheme()}://{folder}")


def register() -> None:
    """Make the source known to Hydra; safe to call again."""
    for plugin in (TierFiles, TierSearchPath):
        Plugins.instance().register(plugin)


def with_tasks(tier: Mapping[str, Any]) -> dict[str, Any]:
    """A plain tier with its list of tasks in place of the name of the file that holds it."""
    files = {path.name: path for path in paths.conf_files(f"{GROUP}/*.yaml")}
    name = tier.get("tasks")
    path = files.get(name) if isinstance(name, str) else None
    if path is None:
        return dict(tier)
    return {**tier, "tasks": deepcopy(_read(path).get("tasks"))}


def _read(path: Path) -> dict[str, Any]:
    """The values of a file, parsed once for as long as the file stays the same."""
    stat = path.stat()
    return _parse(path, (stat.st_mtime_ns, stat.st_size, stat.st_ino))


@lru_cache(maxsize=32)
def _parse(path: Path, _version: tuple[int, ...]) -> dict[str, Any]:
    loader = get_yaml_loader(max_yaml_expanded_nodes=MAX_NODES)
    with path.open(encoding="utf-8") as stream:  # errors name the file
        value = yaml.load(stream, Loader=loader) or {}  # noqa: S506  a safe one
    if not isinstance(value, dict):
        return {"tasks": value}
    return {str(key): item for key, item in value.items()}
