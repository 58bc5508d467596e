"""Functions of the C library and of the interpreter itself, called from Python.

In: a name and words, bytes or None. Out: a word, or an object. It stands on the part of ctypes that is written in C: the rest would cost
every cold start four milliseconds.
"""

from __future__ import annotations

import _ctypes
import os

TYPE_CHECKING = False  # typing costs a cold start as much as the rest of this package
if TYPE_CHECKING:
    from types import CodeType

FILE_INPUT = 257  # the grammar of a whole file


class _Byte(_ctypes._SimpleCData):  # type: ignore[type-arg]  # takes no parameter when it runs
    _type_ = "B"


class _Word(_ctypes._SimpleCData):  # type: ignore[type-arg]
    """A whole machine word; a Python int would be cut to half of one."""

    _type_ = "l"


class _Object(_ctypes._SimpleCData):  # type: ignore[type-arg]
    _type_ = "O"


class _Call(_ctypes.CFuncPtr):
    _flags_ = _ctypes.FUNCFLAG_CDECL | _ctypes.FUNCFLAG_USE_ERRNO
    _restype_ = _Word


class _CallOfPython(_ctypes.CFuncPtr):
    _flags_ = _ctypes.FUNCFLAG_CDECL | _ctypes.FUNCFLAG_PYTHONAPI
    _restype_ = _Object


_program = _ctypes.dlopen(None, 0)  # type: ignore[arg-type]  # None is this process, which typeshed leaves out


def call(function: str, *arguments: int | bytes | None, what: str) -> int:
    """Call the C library; OSError that begins with `what` when it answers below zero."""
    called = _Call(_ctypes.dlsym(_program, function))
    answer: int = called(
        *(_Word(argument) if isinstance(argument, int) else argument for argument in arguments)
    )
    if answer < 0:
        number = _ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return answer


def compiled(source: bytes, name: str) -> CodeType:
    """What compile() gives, less the types of the syntax tree, which it makes first and which cost a cold start milliseconds."""
    if b"\0" in source:
        return compile(source, name, "exec", dont_inherit=True)  # which says what is wrong
    code: CodeType = _CallOfPython(_ctypes.dlsym(_program, "Py_CompileString"))(
        source, name.encode(), _Word(FILE_INPUT)
    )
    return code


class Held:
    """Bytes at an address that stays theirs as long as this lives."""

    def __init__(self, data: bytes) -> None:
        self._data = (_Byte * len(data)).from_buffer_copy(data)
        self.address: int = _ctypes.addressof(self._data)
