"""Language models whose effects are known: a local server that answers with real programs.

Every answer is one of three programs for the task that is asked: the expert's; one that writes
white noise of the same length, which is far from any task; or one that fails. How often
each comes depends on the model's name, on examples in the prompt, and on the tier, as `Effects`
says. Temperature does not matter. The same question with the same seed gets the same answer.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from earmark.config.factory import load_tier
from earmark.models.baselines.expert import PROGRAMS
from tests.models.server import Asked, Reply, fenced

TIERS = ("notes", "environment", "speech")
NOISE = """
import wave
import numpy as np
sound = np.random.default_rng(0).normal(0, 0.1, int({seconds} * 16000))
with wave.open("out.wav", "wb") as file:
    file.setnchannels(1)
    file.setsampwidth(2)
    file.setframerate(16000)
    file.writeframes((sound.clip(-1, 1) * 32767).astype("<i2").tobytes())
"""
FAILS = "raise RuntimeError('this model has not learned to write programs')\n"


@dataclass(frozen=True)
class Effects:
    """Chances: of a program that runs, and of the right sound if it does."""

    valid: Mapping[str, float]
    right: Mapping[str, float]
    examples: float = 0.0  # more of `right` where the prompt holds examples
    tiers: Mapping[str, float] | None = None  # more of `right` in each tier


def answers(effects: Effects) -> Callable[[Asked], Reply]:
    """What the server says, as a function of a request."""
    tasks = {task.prompt: task for tier in TIERS for task in load_tier(tier)}

    def answer(asked: Asked) -> Reply:
        [task] = [one for prompt, one in tasks.items() if prompt in asked.prompt]
        name = str(asked.body["model"])
        shots = sum(message["role"] == "assistant" for message in asked.messages)
        settings = (name, shots, asked.body.get("temperature"), asked.body["seed"])
        runs, right = drawn("runs", *settings), drawn("right", *settings)
        if runs >= effects.valid[name]:
            return fenced(FAILS)
        chance = effects.right[name] + (effects.examples if shots else 0.0)
        chance += (effects.tiers or {}).get(task.tier, 0.0)
        if right < chance:
            return fenced(expert_program(task.tier, task.id))
        return fenced(NOISE.format(seconds=task.seconds))

    return answer


def expert_program(tier: str, task: str) -> str:
    """The program that a person wrote for the task."""
    paths = (PROGRAMS / "instruments" / f"{tier}.py", PROGRAMS / tier / f"{task}.py")
    return "\n\n".join(path.read_text(encoding="utf-8").strip() for path in paths)


def drawn(*words: object) -> float:
    """A number in 0..1 that looks random, the same for the same words."""
    digest = hashlib.sha256(repr(words).encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def as_models(api_base: str, names: Sequence[str]) -> list[str]:
    """Words of a command line that sweep over these models of the server."""
    shared = ["model=vllm", "model.model=openai/${model.name}", f"model.api_base={api_base}"]
    return [*shared, f"model.name={','.join(names)}"]
