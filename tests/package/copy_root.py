# SPDX-License-Identifier: GPL-2.0-or-later
"""copy_root.py ROOT NAME...: makes the folder ROOT a Debian of few packages.

They are the essential ones, those of the names, and what all of these depend
on, copied from this machine as its dpkg has them. What no package has declared
that it needs is not there.
"""

import glob
import os
import re
import shutil
import subprocess
import sys
from typing import Dict, Iterable, List, Set

DPKG = "/var/lib/dpkg"
SKIPPED = ("/usr/share/doc/", "/usr/share/man/", "/usr/share/locale/")


def installed() -> Dict[str, str]:
    """Paragraphs of dpkg's status, by name."""
    with open(DPKG + "/status", encoding="utf-8") as status:
        paragraphs = status.read().split("\n\n")
    return {field(text, "Package"): text.strip("\n") for text in paragraphs
            if field(text, "Status").endswith(" installed")}


def field(paragraph: str, name: str) -> str:
    found = re.search(rf"^{name}: (.*)", paragraph, re.MULTILINE)
    return found[1] if found else ""


def names(relation: str) -> List[str]:
    """The alternatives of a dependency, without versions."""
    return re.findall(r"(?:^|\|)\s*([a-z0-9.+-]+)", relation)


def providers(packages: Dict[str, str]) -> Dict[str, str]:
    """Who provides a name that is not a package's."""
    return {name: package for package, text in packages.items()
            for relation in field(text, "Provides").split(",")
            for name in names(relation)}


def closure(packages: Dict[str, str], wanted: Iterable[str]) -> Set[str]:
    provided = providers(packages)
    found: Set[str] = set()
    ahead = [name for name, text in packages.items()
             if field(text, "Essential") == "yes"] + list(wanted)
    while ahead:
        name = ahead.pop()
        name = name if name in packages else provided.get(name, name)
        if name in found or name not in packages:
            continue
        found.add(name)
        for key in ("Pre-Depends", "Depends"):
            for relation in field(packages[name], key).split(","):
                # the first that is here; others are here for others
                ahead += [alternative for alternative in names(relation)
                          if alternative in packages
                          or alternative in provided][:1]
    return found


def database(packages: Iterable[str]) -> List[str]:
    """dpkg's own files about packages; some have the architecture in it."""
    return [path for name in packages for path in
            glob.glob(f"{DPKG}/info/{name}.*")
            + glob.glob(f"{DPKG}/info/{name}:*.*")]


def files(lists: Iterable[str]) -> Iterable[str]:
    for path in lists:
        if path.endswith(".list"):
            with open(path, encoding="utf-8") as lines:
                yield from (line for line in lines.read().splitlines()
                            if line != "/." and not line.startswith(SKIPPED))


def alternatives() -> Iterable[str]:
    """Links that no package lists, and where they lead."""
    for link in glob.glob("/usr/*bin/*"):
        if os.path.islink(link) and \
                os.readlink(link).startswith("/etc/alternatives/"):
            yield link
            yield os.readlink(link)


def copy_triggers(root: str, chosen: Set[str]) -> None:
    """Who waits for what, and that nothing has happened yet.

    Without the file of what has, dpkg takes all packages for triggered.
    """
    with open(f"{root}{DPKG}/triggers/Unincorp", "w", encoding="utf-8"):
        pass
    for name in set(os.listdir(DPKG + "/triggers")) - {"Lock", "Unincorp"}:
        with open(f"{DPKG}/triggers/{name}", encoding="utf-8") as lines, \
                open(f"{root}{DPKG}/triggers/{name}", "w",
                     encoding="utf-8") as kept:
            kept.writelines(line for line in lines if re.split(
                "[/:]", line.split()[-1])[0] in chosen)


def copy(root: str, packages: Dict[str, str], chosen: Set[str]) -> None:
    kept = database(chosen)
    paths = sorted({*files(kept), *kept, *alternatives(),
                    DPKG + "/info/format"})
    # /bin and its like are links, which are packed before what is behind them
    for folder in ("bin", "sbin", "lib", "lib32", "lib64", "libx32"):
        os.makedirs(f"{root}/usr/{folder}")
    with subprocess.Popen(
            ["tar", "-C", root, "--keep-directory-symlink", "-xf", "-"],
            stdin=subprocess.PIPE) as extract:
        subprocess.run(
            ["tar", "-C", "/", "--no-recursion", "--ignore-failed-read",
             "--warning=none", "-cf", "-", "-T", "-"],
            input="".join(f".{path}\n" for path in paths), text=True,
            check=True, stdout=extract.stdin)
    for folder in ("updates", "triggers", "alternatives"):
        os.makedirs(f"{root}{DPKG}/{folder}", exist_ok=True)
    copy_triggers(root, chosen)
    with open(f"{root}{DPKG}/status", "w", encoding="utf-8") as status:
        status.write("".join(packages[name] + "\n\n" for name in chosen))
    for table in ("passwd", "group"):
        shutil.copy(f"/usr/share/base-passwd/{table}.master",
                    f"{root}/etc/{table}")


def main() -> None:
    packages = installed()
    root, *wanted = sys.argv[1:]
    copy(root, packages, closure(packages, wanted))


main()
