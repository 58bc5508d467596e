"""Functions of the C library and of the interpreter itself, called from Python.

This stands on `_ctypes`, the part of ctypes that is written in C: importing the rest would cost
every cold start four milliseconds.
"""

from __future__ import annotations

import _ctypes
import os

TYPE_CHECKING = False  # `typing` costs a cold start as much as the rest of this package
if TYPE_CHECKING:
    from types import CodeType

FILE_INPUT = 257  # Py_file_input: the grammar of a whole file
SOURCE_IS_UTF8, IGNORE_COOKIE = 0x0100, 0x0800  # PyCF_…
LATEST_FEATURES = -1
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class _Byte(_ctypes._SimpleCData):  # type: ignore[type-arg]  # takes no parameter when it runs
    _type_ = "B"


class _Int(_ctypes._SimpleCData):  # type: ignore[type-arg]  # as above
    _type_ = "i"


class _Word(_ctypes._SimpleCData):  # type: ignore[type-arg]  # as above
    """A whole machine word; a Python int would be cut to half of one."""

    _type_ = "l"


class _Flags(_ctypes.Structure):
    """PyCompilerFlags."""

    _fields_ = (("flags", _Int), ("feature_version", _Int))


class _Object(_ctypes._SimpleCData):  # type: ignore[type-arg]  # as above
    _type_ = "O"


class _Function(_ctypes.CFuncPtr):
    _flags_ = _ctypes.FUNCFLAG_CDECL | _ctypes.FUNCFLAG_USE_ERRNO
    _restype_ = _Word


class _PythonFunction(_ctypes.CFuncPtr):
    _flags_ = _ctypes.FUNCFLAG_CDECL | _ctypes.FUNCFLAG_PYTHONAPI
    _restype_ = _Object


_process = _ctypes.dlopen(None, 0)  # type: ignore[arg-type]  # None is this process, which typeshed leaves out


def call(function: str, *arguments: int | bytes | None, what: str) -> int:
    """Call the C library. Raises OSError that begins with `what` when the answer is below zero."""
    words = [_Word(value) if isinstance(value, int) else value for value in arguments]
    answer: int = _Function(_ctypes.dlsym(_process, function))(*words)
    if answer < 0:
        number = _ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return answer


def compile_source(source: bytes, name: str) -> CodeType:
    """Compile UTF-8 text, whatever coding its first lines name: that text is what was judged.

    compile() would do the same for a string, but would first make the types of syntax trees, which
    takes a cold start milliseconds.
    """
    if b"\0" in source:
        return compile(source, name, "exec", dont_inherit=True)  # which reports what is wrong
    flags = _Flags(_Int(SOURCE_IS_UTF8 | IGNORE_COOKIE), _Int(LATEST_FEATURES))
    compile_string = _PythonFunction(_ctypes.dlsym(_process, "Py_CompileStringExFlags"))
    code: CodeType = compile_string(
        source.removeprefix(BYTE_ORDER_MARK),
        name.encode(),
        _Word(FILE_INPUT),
        _ctypes.byref(flags),
        _Word(-1),  # the interpreter's own level of optimisation
    )
    return code


class Buffer:
    """Bytes at an address that stays valid as long as this object lives."""

    def __init__(self, data: bytes) -> None:
        self._data = (_Byte * len(data)).from_buffer_copy(data)
        self.address: int = _ctypes.addressof(self._data)
