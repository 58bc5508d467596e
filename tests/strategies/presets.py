"""The strategies of conf/strategy as a sweep makes them, without the settings of other stages."""

from collections.abc import Mapping, Sequence
from typing import Any

from hydra import compose, initialize_config_dir
from hydra.utils import instantiate
from omegaconf import OmegaConf

from earmark import paths
from earmark.config.compose import register
from earmark.strategies.prompt_settings import PromptSettings

PRESETS = sorted(path.stem for path in (paths.conf() / "strategy").glob("*.yaml"))
PROMPTS = sorted(path.stem for path in (paths.conf() / "prompt").glob("*.yaml"))


def settings(
    name: str, overrides: Sequence[str] = (), *, prompt: str = "default"
) -> dict[str, Any]:
    """The resolved YAML of one preset."""
    register()
    limits = "+sandbox.limits._target_=earmark.records.Limits"
    with initialize_config_dir(str(paths.conf())):
        cfg = compose(f"strategy/{name}", [f"+prompt@prompt={prompt}", limits, *overrides])
    value = OmegaConf.to_container(cfg.strategy, resolve=True)
    assert isinstance(value, dict)
    return {str(key): item for key, item in value.items()}


def preset(
    name: str,
    overrides: Sequence[str] = (),
    *,
    prompt: str = "default",
    given: Mapping[str, Any] | None = None,
) -> Any:
    """The strategy of a preset, or of an already resolved node."""
    node = settings(name, overrides, prompt=prompt) if given is None else dict(given)
    strategy = instantiate(node, _convert_="all", _execution_whitelist_=("earmark.*",))
    assert isinstance(strategy, PromptSettings)
    return strategy
