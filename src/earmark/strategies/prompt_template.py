"""The words of a prompt: named templates of one conf/prompt file -> text.

In: templates and values. Out: text. Every part must be there, and every name that a part uses must be one it is given: both are
checked when the wording is made, by rendering each part once, so that a wrong name is said before anything is asked.
"""

from collections.abc import Mapping

from jinja2 import Environment, StrictUndefined, TemplateError, TemplateSyntaxError, meta

from earmark.errors import ConfigError
from earmark.records import FORBIDDEN_IMPORTS, Failure, Limits, Task

# Each part, and the names it may use besides `contract` and `forbidden` (reason -> modules).
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
    "report": ("task", "heard"),
}
_SPECIMENS: Mapping[str, object] = {
    "task": Task(id="specimen", tier="notes", caption="a tone", prompt="A tone.", seconds=1.0),
    "source": "print()",
    "failure": Failure("run", "runtime_error", "it failed"),
    "traceback": "Traceback",
    "heard": ["peak level: -3.0 dBFS"],
}
_ENVIRONMENT = Environment(
    undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False
)  # no HTML is made


def forbidden_by_reason() -> dict[str, list[str]]:
    """Why -> the modules that no program may import."""
    reasons: dict[str, list[str]] = {}
    for name, reason in FORBIDDEN_IMPORTS.items():
        reasons.setdefault(reason, []).append(name)
    return reasons


class PromptTemplate:
    """The parts of one prompt file, checked.

    Args:
        parts: template text by part, and the file's `name`.
        limits: what the templates may tell of limits.

    Raises:
        ConfigError: a part that is unknown, missing, not a template, or that uses a name it is not given.
    """

    def __init__(self, parts: Mapping[str, str], *, limits: Limits) -> None:
        self.name = str(parts.get("name", "unnamed"))
        self._given = {"limits": limits, "forbidden": forbidden_by_reason()}
        if wrong := sorted((parts.keys() - {"name"}) ^ PARTS.keys()):
            what = "is unknown" if wrong[0] in parts else "is missing"
            raise ConfigError(f"{self._place(wrong[0])} {what}; the parts are {', '.join(PARTS)}")
        self._parts = {part: str(parts[part]) for part in PARTS}
        for part in PARTS:
            self._check(part)

    def say(self, part: str, **values: object) -> str:
        """The text of one part; ConfigError when a value lacks what the template asks of it."""
        try:
            return (
                _ENVIRONMENT.from_string(self._parts[part]).render(**self._given, **values).strip()
            )
        except (TemplateError, ArithmeticError, LookupError, TypeError, ValueError) as error:
            raise ConfigError(f"{self._place(part)}: {error}; correct the template") from error

    def _check(self, part: str) -> None:
        known = ("limits", "forbidden", *PARTS[part])
        try:
            used = meta.find_undeclared_variables(_ENVIRONMENT.parse(self._parts[part]))
        except TemplateSyntaxError as error:
            raise ConfigError(
                f"{self._place(part)} line {error.lineno}: {error.message}; correct the template"
            ) from error
        if unknown := sorted(used - set(known)):
            raise ConfigError(
                f"{self._place(part)}: '{unknown[0]}' is no name it is given; it may use {', '.join(known)}"
            )
        self.say(part, **{name: _SPECIMENS[name] for name in PARTS[part]})

    def _place(self, part: str) -> str:
        return f"prompt '{self.name}' (conf/prompt/{self.name}.yaml) part '{part}'"
