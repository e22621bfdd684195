# SPDX-License-Identifier: GPL-2.0-or-later
"""The C library: finding it, calling it, and what its failures become."""

import ctypes
import os
from typing import Any, Optional

from . import _prototypes

SONAME = "libclusterip.so.0"
VARIABLE = "LIBCLUSTERIP"


class Error(OSError):
    """A verb was refused.

    errno is the positive error number, strerror the library's sentence, and
    field the word of the attribute at fault, such as "total", or None.
    """

    def __init__(self, number: int, sentence: str,
                 field: Optional[str] = None) -> None:
        super().__init__(number, sentence)
        self.field = field

    def __str__(self) -> str:
        return str(self.strerror)


def load() -> Any:
    """The library by its soname, or the file that LIBCLUSTERIP names."""
    library = ctypes.CDLL(os.environ.get(VARIABLE, SONAME))
    for name, (result, arguments) in _prototypes.PROTOTYPES.items():
        function = getattr(library, name)
        function.restype = result
        function.argtypes = arguments
    return library


lib = load()


def text_of(value: Optional[bytes]) -> Optional[str]:
    """A borrowed string; None stays."""
    return None if value is None else value.decode()


def bytes_of(value: Optional[str]) -> Optional[bytes]:
    """A string for the library; None stays."""
    return None if value is None else value.encode()


def fail(number: int, context: Optional[int] = None) -> Error:
    """What to raise: with the sentence of a context, if there is one."""
    if context is None:
        return Error(number, os.strerror(number))
    attribute = lib.cip_get_error_attr(context)
    return Error(number, lib.cip_get_error(context).decode(),
                 text_of(lib.cip_attr_get_name(attribute)))


def new_handle(function: Any, *arguments: Any,
               context: Optional[int] = None) -> int:
    """Calls what makes an object, and returns its handle."""
    handle = ctypes.c_void_p()
    result = function(*arguments, ctypes.byref(handle))
    if result < 0:
        raise fail(-result, context)
    return handle.value or 0
