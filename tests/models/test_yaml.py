"""Every YAML of conf/model that names a language model makes it, and says of it what litellm's
installed tables say.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from omegaconf import OmegaConf

from earmark import paths
from earmark.config.build import build
from earmark.config.compose import compose
from earmark.errors import ConfigError
from earmark.models import CallFailed, transport
from earmark.models.capabilities import EFFORTS, fit, options
from earmark.models.hosted import LiteLLM
from earmark.records import Sampling
from earmark.sweep.plan import plan
from earmark.testing.models import request_of
from tests.models.server import ChatServer, Reply

FILES = sorted(
    path
    for path in (paths.conf() / "model").glob("*.yaml")
    if "earmark.models.hosted.LiteLLM" in path.read_text()
)
NAMES = [path.stem for path in FILES]


def values(path: Path) -> dict[str, Any]:
    plain = OmegaConf.to_container(OmegaConf.load(path), resolve=True)
    assert isinstance(plain, dict)
    return {str(key): value for key, value in plain.items()}


def made(path: Path, *words: str) -> LiteLLM:
    model = build(compose([f"model={path.stem}", *words]).model)
    assert isinstance(model, LiteLLM)
    return model


def wishes() -> Iterator[Sampling]:
    yield Sampling()
    yield from (
        Sampling(temperature=temperature, seed=3, max_tokens=2048)
        for temperature in (0.0, 0.7, 1.0, 2.0)
    )
    yield Sampling(top_p=0.9)
    yield from (Sampling(reasoning_effort=effort) for effort in EFFORTS)


@pytest.fixture(scope="module")
def litellm() -> Any:
    return transport._litellm()


def test_there_are_models_of_several_providers() -> None:
    prefixes = {str(values(path)["model"]).split("/")[0] for path in FILES}
    assert prefixes >= {"openai", "anthropic", "gemini", "hosted_vllm", "ollama_chat"}


@pytest.mark.usefixtures("warm")
@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_every_preset_goes_to_a_server_of_ones_own(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    with ChatServer(Reply(status=418, raw=b"{}")) as server:
        model = made(path, f"model.api_base={server.api_base}", "model.retries=0")
        model.preflight(Sampling())
        with pytest.raises(CallFailed, match="HTTP 418"):
            model.complete(request_of(sampling=Sampling()))
    assert server.requests == 1
    assert model.pacing.retries == 0


def test_a_sweep_over_presets_takes_one_address() -> None:
    names = ",".join(path.stem for path in FILES)
    planned = plan([f"model={names}", "model.api_base=http://127.0.0.1:9/v1"], multirun=True)
    assert planned.runs == len(FILES)
    configs = list(planned.configs())
    assert {config.model.name for config in configs} == set(NAMES)
    assert {config.model.settings["api_base"] for config in configs} == {"http://127.0.0.1:9/v1"}


def test_a_setting_that_no_choice_has_is_still_refused() -> None:
    with pytest.raises(ConfigError, match=r"model\.api_bas: no such setting"):
        plan(["model=gpt_4o,vllm", "model.api_bas=http://127.0.0.1:9/v1"], multirun=True)


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_the_name_is_the_files(path: Path) -> None:
    assert made(path).name == path.stem


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_nothing_that_is_sent_is_refused_by_litellm(path: Path, litellm: Any) -> None:
    model = made(path)
    provider, name = str(values(path)["model"]).split("/", 1)
    for wish in wishes():
        effective = fit(wish, model.capabilities, name=model.name, on_unsupported="clamp")
        litellm.get_optional_params(
            model=name, custom_llm_provider=provider, **options(effective, model.capabilities)
        )


def test_the_check_above_can_fail(litellm: Any) -> None:
    with pytest.raises(litellm.UnsupportedParamsError, match="temperature"):
        litellm.get_optional_params(
            model="gpt-5-mini", custom_llm_provider="openai", temperature=0.3
        )


@pytest.mark.parametrize(
    "path", [path for path in FILES if "api_key_env" in values(path)], ids=lambda path: path.stem
)
def test_price_and_lengths_are_those_of_litellms_table(path: Path, litellm: Any) -> None:
    model = made(path)
    name = str(values(path)["model"])
    known = litellm.model_cost.get(name) or litellm.model_cost[name.split("/", 1)[1]]
    can = model.capabilities
    assert can.price is not None
    assert can.price.input_usd_per_million == pytest.approx(known["input_cost_per_token"] * 1e6)
    assert can.price.output_usd_per_million == pytest.approx(known["output_cost_per_token"] * 1e6)
    assert can.output_tokens == known["max_output_tokens"]
    assert can.context_tokens is not None
    assert can.context_tokens <= known["max_input_tokens"]
    assert all(can.context_tokens <= limit for limit in _price_changes_at(known))


def _price_changes_at(known: dict[str, Any]) -> Iterator[int]:
    for key in known:
        if key.startswith("input_cost_per_token_above_") and key.endswith("k_tokens"):
            yield (
                int(key.removeprefix("input_cost_per_token_above_").removesuffix("k_tokens")) * 1000
            )
