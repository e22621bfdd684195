#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""generate.py HEADER: prints clusterip/_prototypes.py."""

import re
import sys
from typing import Iterator, List, Tuple

HEAD = '''# SPDX-License-Identifier: GPL-2.0-or-later
# Made by generate.py from clusterip.h. Do not edit.
"""Constants and prototypes of the C library."""

from ctypes import (POINTER, c_char, c_char_p, c_int, c_size_t, c_uint32,
                    c_uint64, c_void_p)
from typing import Any, Dict, Tuple
'''

# the closed alphabet of the header
TYPES = {
    "int": "c_int",
    "size_t": "c_size_t",
    "uint32_t": "c_uint32",
    "const char *": "c_char_p",
    "char *": "POINTER(c_char)",
    "uint32_t *": "POINTER(c_uint32)",
    "uint64_t *": "POINTER(c_uint64)",
}


def ctype(text: str) -> str:
    """The ctypes name of a C type; what is not in the alphabet is an error."""
    if re.fullmatch(r"struct cip_\w+ \*", text):
        return "c_void_p"
    if re.fullmatch(r"struct cip_\w+ \*\*", text):
        return "POINTER(c_void_p)"
    return TYPES[text]


def constants(header: str) -> Iterator[Tuple[str, str]]:
    """Name, without CIP_, and value of each number."""
    yield from re.findall(r"^#define CIP_(\w+)\s+(\d+)\b", header, re.M)


def argument(words: str) -> Tuple[str, str]:
    """Name and type of what is declared."""
    text = " ".join(words.split())
    name = re.split(r"\W", text)[-1]
    return name, text[:-len(name)].strip()


def prototypes(header: str) -> Iterator[Tuple[str, str,
                                              List[Tuple[str, str]]]]:
    """Name, type, and names and types of the arguments of each function."""
    code = re.sub(r"/\*.*?\*/", "", header, flags=re.S)
    pattern = r"^((?:const )?(?:struct )?\w+ \*?)(cip_\w+)\(([^)]*)\);"
    for result, name, arguments in re.findall(pattern, code, re.M):
        words = [] if arguments == "void" else arguments.split(",")
        yield name, result.strip(), [argument(word) for word in words]


def main() -> None:
    """Header in, module out."""
    with open(sys.argv[1], encoding="utf-8") as file:
        header = file.read()
    print(HEAD)
    for name, value in constants(header):
        print(f"{name} = {value}")
    print("\nPROTOTYPES: Dict[str, Tuple[Any, Tuple[Tuple[str, Any], ...]]] "
          "= {")
    for name, result, arguments in prototypes(header):
        print(f'    "{name}": ({ctype(result)}, (')
        for word, kind in arguments:
            print(f'        ("{word}", {ctype(kind)}),')
        print("    )),")
    print("}")


if __name__ == "__main__":
    main()
