"""A Component -> the live object that it names, made once per process for equal components.

Weights, workers and servers are started once and are shared by all runs of a process; `close` ends
them all.
"""

import inspect
import json
import threading
from dataclasses import fields
from typing import Any, Protocol, runtime_checkable

from hydra.errors import HydraException
from hydra.utils import instantiate

from earmark.config import validate
from earmark.config.schema import Component, plain
from earmark.errors import ConfigError, EarmarkError


@runtime_checkable
class Closable(Protocol):
    """What holds workers, servers or connections."""

    def close(self) -> None:
        """Let go of them; safe to call twice."""


def whitelist() -> tuple[str, ...]:
    """Whose classes a configuration may name, as patterns."""
    return tuple(f"{package}.*" for package in validate.packages())


_built: dict[str, Any] = {}
_locks: dict[str, threading.RLock] = {}  # runs that overlap share what the first of them builds


def build(component: Component, **live: object) -> Any:  # noqa: ANN401  whatever class it names
    """The object of a component.

    Args:
        component: its class and settings.
        live: objects that the class may ask for by the names of its constructor's arguments. With
            any of them taken the object is made afresh, else equal components share one.

    Raises:
        ConfigError: settings that the class refuses.
    """
    node = plain(component, whole=True)
    parameters = inspect.signature(validate.locate(component.target, component.name)).parameters
    for one in fields(component):  # what the class does not take, or what is not set
        if one.name in node and (one.name not in parameters or node[one.name] in (None, "")):
            del node[one.name]
    given = {key: value for key, value in live.items() if key in parameters}
    if given:
        return _shared({**node, "_partial_": True})(**given)
    return _shared(node)


def close() -> None:
    """Close everything that was built and can be closed, and forget it."""
    for one in _built.values():
        if isinstance(one, Closable):
            one.close()
    _built.clear()


def _shared(node: dict[str, Any]) -> Any:  # noqa: ANN401  as build
    text = json.dumps(node, sort_keys=True)
    with _locks.setdefault(text, threading.RLock()):
        if text not in _built:
            _built[text] = _instantiated(text)
        return _built[text]


def _instantiated(text: str) -> Any:  # noqa: ANN401  as build
    try:
        return instantiate(json.loads(text), _convert_="all", _execution_whitelist_=whitelist())
    except HydraException as error:
        if isinstance(error.__cause__, EarmarkError):
            raise error.__cause__ from error
        raise ConfigError(" ".join(str(error).split())) from error
