# SPDX-License-Identifier: GPL-2.0-or-later
"""The C library: finding it, calling it, and what its failures become."""

import ctypes
import errno
import operator
import os
import re
from types import SimpleNamespace
from typing import Any, Dict, NoReturn, Optional, Tuple

from . import _prototypes as c

SONAME = "libclusterip.so.0"
VARIABLE = "LIBCLUSTERIP"


class Error(OSError):
    """A verb was refused.

    errno is the positive error number, strerror the library's sentence, and
    field the word of the attribute at fault, such as "total", or None.
    refused has the Error of each cluster IP, by its address, that apply()
    could not have.
    """

    def __init__(self, number: int, sentence: str,
                 field: Optional[str] = None) -> None:
        super().__init__(number, sentence)
        self.field = field
        self.refused: Dict[str, Error] = {}

    def __str__(self) -> str:
        return str(self.strerror)


class Handle:
    """One reference to a C object; as an argument it is that object.

    A call keeps its arguments: what is closed meanwhile, in another thread
    or by a signal's handler, is there until the call is over.
    """

    __slots__ = ("_as_parameter_", "_unref")

    def __init__(self, pointer: int, unref: Any) -> None:
        self._as_parameter_ = pointer
        self._unref = unref

    def __del__(self) -> None:
        self._unref(self._as_parameter_)

    def __reduce__(self) -> NoReturn:
        raise TypeError("objects of libclusterip cannot be pickled")


# ------------------------------------------------------------- arguments

# what ctypes would cut to size, and what C can take of it
RANGES = {ctypes.c_int: (-2 ** 31, 2 ** 31 - 1),
          ctypes.c_uint32: (0, 2 ** 32 - 1)}
# arguments that are called otherwise than the attribute they are about
ATTRIBUTES = {"total_nodes": c.ATTR_TOTAL, "bucket": c.ATTR_BUCKETS}
# arguments whose function says what they are
GENERAL = ("name", "on", "bits")


def refuse(argument: str, sentence: str) -> Error:
    """What to raise for an argument that cannot reach the library."""
    attribute = ATTRIBUTES.get(
        argument, getattr(c, f"ATTR_{argument.upper()}", c.ATTR_NONE))
    field = text_of(lib.cip_attr_get_name(attribute))
    return Error(errno.EINVAL, f"{field or argument} {sentence}", field)


def integer(argument: str, kind: Any, value: Any) -> int:
    """A number that C can take as it is."""
    number = operator.index(value)
    low, high = RANGES[kind]
    if not low <= number <= high:
        raise refuse(argument, f"{number} is not in {low}..{high}")
    return number


def bytes_of(argument: str, _: Any, value: Optional[str]) -> Optional[bytes]:
    """Text as C takes it, which ends at a NUL; None stays."""
    if value is None:
        return None
    try:
        text = os.fsencode(value)
    except UnicodeEncodeError as error:
        raise refuse(argument, f"cannot be encoded: {error}") from None
    if b"\0" in text:
        raise refuse(argument, f"has a NUL byte at {text.index(0)}")
    return text


CHECKS = {ctypes.c_int: integer, ctypes.c_uint32: integer,
          ctypes.c_char_p: bytes_of}


def gate(name: str, function: Any,
         arguments: Tuple[Tuple[str, Any], ...]) -> Any:
    """The function, called with what its arguments were checked for."""
    own = re.sub("^cip_(cluster_)?(set_)?|_from_name$", "", name)
    checks = [(index, own if argument in GENERAL else argument, kind)
              for index, (argument, kind) in enumerate(arguments)
              if kind in CHECKS]

    def call(*values: Any) -> Any:
        passed = list(values)
        for index, argument, kind in checks:
            passed[index] = CHECKS[kind](argument, kind, passed[index])
        return function(*passed)

    return call if checks else function


def load() -> Any:
    """The library by its soname, or the file that LIBCLUSTERIP names."""
    library = ctypes.CDLL(os.environ.get(VARIABLE, SONAME))
    functions = SimpleNamespace()
    for name, (result, arguments) in c.PROTOTYPES.items():
        function = getattr(library, name)
        function.restype = result
        function.argtypes = [kind for _, kind in arguments]
        setattr(functions, name, gate(name, function, arguments))
    return functions


lib = load()


# ------------------------------------------------------------- results

def text_of(value: Optional[bytes]) -> Optional[str]:
    """A borrowed string; None stays."""
    return None if value is None else os.fsdecode(value)


def fail(number: int, context: Optional[Handle] = None) -> Error:
    """What to raise: with the sentence of a context, if there is one."""
    if context is None:
        return Error(number, os.strerror(number))
    attribute = lib.cip_get_error_attr(context)
    return Error(number, str(text_of(lib.cip_get_error(context))),
                 text_of(lib.cip_attr_get_name(attribute)))


def check(result: int, context: Optional[Handle] = None) -> int:
    """Raises Error for a negative errno."""
    if result < 0:
        raise fail(-result, context)
    return result


def new_handle(function: Any, unref: Any, *arguments: Any,
               context: Optional[Handle] = None) -> Handle:
    """Calls what makes an object, and returns the reference to it."""
    pointer = ctypes.c_void_p()
    check(function(*arguments, ctypes.byref(pointer)), context)
    return Handle(pointer.value or 0, unref)
