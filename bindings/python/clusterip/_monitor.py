# SPDX-License-Identifier: GPL-2.0-or-later
"""What anybody changes that cluster IPs live on."""

from enum import IntEnum
from typing import TYPE_CHECKING, Iterator, NamedTuple, Optional

from . import _prototypes as c
from ._library import Handle, check, lib, new_handle, text_of

if TYPE_CHECKING:  # pragma: no cover
    from ._context import Context


class EventKind(IntEnum):
    """What an event is about."""

    RULES = c.EVENT_RULES
    ADDRESS = c.EVENT_ADDRESS
    DEVICE = c.EVENT_DEVICE
    MAC = c.EVENT_MAC
    LOST = c.EVENT_LOST

    def __str__(self) -> str:
        return str(text_of(lib.cip_event_get_name(self)))


class Event(NamedTuple):
    """One change. What the kernel does not tell is "" or 0."""

    kind: EventKind
    address: str
    ifname: str
    pid: int
    process: str
    text: str


class Monitor:
    """Watches a network namespace; fileno() is for select and its like.

    Iterating takes what there is now and never waits. What is asked of a
    monitor that is closed raises ValueError, as it does of a closed file.
    """

    def __init__(self, context: "Context") -> None:
        self.context = context
        self._context = context.handle
        self._handle: Optional[Handle] = new_handle(
            lib.cip_monitor_new, lib.cip_monitor_unref, self._context,
            context=self._context)

    @property
    def handle(self) -> Handle:
        """The C object."""
        if self._handle is None:
            raise ValueError("the monitor is closed")
        return self._handle

    def close(self) -> None:
        """Stops watching."""
        self._handle = None

    def fileno(self) -> int:
        """Readable when there are events."""
        return int(lib.cip_monitor_get_fd(self.handle))

    def take(self) -> Optional[Event]:
        """The next event, None if there is none now."""
        handle = self.handle
        if not check(lib.cip_monitor_next(handle), self._context):
            return None
        return Event(EventKind(lib.cip_monitor_get_event(handle)),
                     str(text_of(lib.cip_monitor_get_address(handle))),
                     str(text_of(lib.cip_monitor_get_ifname(handle))),
                     lib.cip_monitor_get_pid(handle),
                     str(text_of(lib.cip_monitor_get_process(handle))),
                     str(text_of(lib.cip_monitor_get_text(handle))))

    def __iter__(self) -> Iterator[Event]:
        event = self.take()
        while event:
            yield event
            event = self.take()
