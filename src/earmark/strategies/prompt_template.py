"""The wording of prompts: the jinja2 templates of one conf/prompt file, by the part they word.

Every part must be there, and may use only the names it is given. Both are checked when a
PromptTemplate is made, so that a wrong name is refused before any model is called.
"""

from collections.abc import Mapping
from functools import lru_cache

from jinja2 import StrictUndefined, Template, TemplateError, TemplateSyntaxError, meta
from jinja2.sandbox import ImmutableSandboxedEnvironment

from earmark.config.schema import FORBIDDEN_IMPORTS
from earmark.errors import ConfigError, choose_from
from earmark.records import Failure, Limits, Task
from earmark.strategies.template_rules import refused

SHARED_NAMES = ("limits", "forbidden")  # known to every part; forbidden is {reason: [module, ...]}
# Part -> the names that only this part is given.
PARTS: Mapping[str, tuple[str, ...]] = {
    "system": (),
    "constraints": (),
    "persona": (),
    "hints": (),
    "task": ("task",),
    "decompose": (),
    "plan_first": (),
    "chain_of_thought": (),
    "program": ("source",),
    "failure": ("failure", "traceback"),
    "report": ("task", "measurements"),
}
# Values to try each part with when it is checked.
_EXAMPLE_VALUES: Mapping[str, object] = {
    "task": Task(id="example", tier="notes", caption="a tone", prompt="A tone.", seconds=1.0),
    "source": "print()",
    "failure": Failure("execute", "runtime_error", "it failed"),
    "traceback": "Traceback",
    "measurements": ["peak level: -3.0 dBFS"],
}
# Sandboxed, because the record of a run that someone else made holds templates too.
_ENVIRONMENT = ImmutableSandboxedEnvironment(
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    autoescape=False,  # prompts are plain text: escaping would send &lt; for <
)


def forbidden_by_reason() -> dict[str, list[str]]:
    """Reason -> the modules that no program may import."""
    reasons: dict[str, list[str]] = {}
    for name, reason in FORBIDDEN_IMPORTS.items():
        reasons.setdefault(reason, []).append(name)
    return reasons


@lru_cache(maxsize=1024)  # runs of a sweep share their wordings: each text is compiled once
def compile_template(text: str) -> tuple[Template, frozenset[str]]:
    """A template and the names that it uses. Raises TemplateSyntaxError, ConfigError."""
    parsed = _ENVIRONMENT.parse(text)
    if (problem := refused(parsed)) is not None:
        raise ConfigError(problem)
    names = meta.find_undeclared_variables(parsed)
    return _ENVIRONMENT.from_string(text), frozenset(names)


class PromptTemplate:
    """The parts of one conf/prompt file, checked.

    Args:
        parts: template text by part, and the `name` of the file.
        limits: what the templates may say of limits.

    Raises:
        ConfigError: a part is unknown, missing, not a template, or uses a name it is not given.
    """

    def __init__(self, parts: Mapping[str, str], *, limits: Limits) -> None:
        self.name = str(parts.get("name", "unnamed"))
        self._shared = {"limits": limits, "forbidden": forbidden_by_reason()}
        for part in parts.keys() - {"name"} - PARTS.keys():
            raise ConfigError(f"{self._place(part)}: unknown part; {choose_from(part, PARTS)}")
        for part in PARTS.keys() - parts.keys():
            raise ConfigError(f"{self._place(part)} is missing; write {', '.join(PARTS)}")
        self._texts = {part: str(parts[part]) for part in PARTS}
        for part in PARTS:
            self._check(part)

    def render(self, part: str, **values: object) -> str:
        """The text of one part. Raises ConfigError where a value lacks what the template uses."""
        template, _ = compile_template(self._texts[part])
        try:
            return template.render(**self._shared, **values).strip()
        except (TemplateError, ArithmeticError, LookupError, TypeError, ValueError) as error:
            raise ConfigError(f"{self._place(part)}: {error}; correct the template") from error

    def _check(self, part: str) -> None:
        names = (*SHARED_NAMES, *PARTS[part])
        try:
            _, used = compile_template(self._texts[part])
        except TemplateSyntaxError as error:
            line = f"{self._place(part)} line {error.lineno}"
            raise ConfigError(f"{line}: {error.message}; correct the template") from error
        except RecursionError as error:
            raise ConfigError(f"{self._place(part)}: nested too deeply; flatten it") from error
        except ConfigError as error:
            raise ConfigError(f"{self._place(part)} {error}; correct the template") from None
        for name in sorted(used.difference(names)):
            raise ConfigError(
                f"{self._place(part)}: unknown name '{name}'; choose from {', '.join(names)}"
            )
        self.render(part, **{name: _EXAMPLE_VALUES[name] for name in PARTS[part]})

    def _place(self, part: str) -> str:
        return f"prompt '{self.name}' (conf/prompt/{self.name}.yaml) part '{part}'"
