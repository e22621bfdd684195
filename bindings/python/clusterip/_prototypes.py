# SPDX-License-Identifier: GPL-2.0-or-later
# Made by generate.py from clusterip.h. Do not edit.
"""Constants and prototypes of the C library."""

from ctypes import (POINTER, c_char, c_char_p, c_int, c_size_t, c_uint32,
                    c_uint64, c_void_p)
from typing import Any, Dict, Tuple

HASH_SOURCEIP = 1
HASH_SOURCEIP_SOURCEPORT = 2
HASH_SOURCEIP_SOURCEPORT_DESTPORT = 3
HASH_XT_CLUSTER = 4
MAC_MULTICAST = 1
MAC_IGMP = 2
MAC_UNICAST = 3
ATTR_NONE = 0
ATTR_ADDRESS = 1
ATTR_PREFIX = 2
ATTR_IFNAME = 3
ATTR_MAC = 4
ATTR_HASH_MODE = 5
ATTR_TOTAL = 6
ATTR_SEED = 7
ATTR_BUCKETS = 8
ATTR_NOADDR = 9
ATTR_PROTOCOL = 10
ATTR_SPORT = 11
ATTR_DPORT = 12
ATTR_SADDR = 13
ATTR_BACKEND = 14
ATTR_SOURCE_PREFIX = 15
ATTR_MAC_MODE = 16
ATTR_OUTGOING = 17
TOTAL_NODES_MAX = 1024
APPLY_PRUNE = 1
APPLY_KEEP_BUCKETS = 2
FAULT_TABLE = 1
FAULT_ARP = 2
FAULT_RULE = 3
FAULT_BUCKET = 4
FAULT_MAC = 5
FAULT_ADDRESS = 6
FAULT_DEVICE = 7
FAULT_DISPATCH = 8
FAULT_RECORD = 9
FAULT_BACKEND = 10
EVENT_RULES = 1
EVENT_ADDRESS = 2
EVENT_DEVICE = 3
EVENT_MAC = 4
EVENT_LOST = 5

PROTOTYPES: Dict[str, Tuple[Any, Tuple[Tuple[str, Any], ...]]] = {
    "cip_version": (c_uint32, (
    )),
    "cip_version_string": (c_char_p, (
    )),
    "cip_new": (c_int, (
        ("ret_ctx", POINTER(c_void_p)),
    )),
    "cip_ref": (c_void_p, (
        ("ctx", c_void_p),
    )),
    "cip_unref": (c_void_p, (
        ("ctx", c_void_p),
    )),
    "cip_get_error": (c_char_p, (
        ("ctx", c_void_p),
    )),
    "cip_get_error_attr": (c_uint32, (
        ("ctx", c_void_p),
    )),
    "cip_get_refused_address": (c_char_p, (
        ("ctx", c_void_p),
        ("index", c_uint32),
    )),
    "cip_get_refused_error": (c_int, (
        ("ctx", c_void_p),
        ("index", c_uint32),
    )),
    "cip_get_refused_text": (c_char_p, (
        ("ctx", c_void_p),
        ("index", c_uint32),
    )),
    "cip_set_log_fd": (c_int, (
        ("ctx", c_void_p),
        ("fd", c_int),
    )),
    "cip_set_log_priority": (c_int, (
        ("ctx", c_void_p),
        ("priority", c_int),
    )),
    "cip_set_backend": (c_int, (
        ("ctx", c_void_p),
        ("name", c_char_p),
    )),
    "cip_get_backend": (c_char_p, (
        ("ctx", c_void_p),
    )),
    "cip_set_dry_run": (c_int, (
        ("ctx", c_void_p),
        ("on", c_int),
    )),
    "cip_set_announce": (c_int, (
        ("ctx", c_void_p),
        ("count", c_uint32),
        ("interval_ms", c_uint32),
    )),
    "cip_cluster_new": (c_int, (
        ("ctx", c_void_p),
        ("ret_cluster", POINTER(c_void_p)),
    )),
    "cip_cluster_copy": (c_int, (
        ("cluster", c_void_p),
        ("ret_cluster", POINTER(c_void_p)),
    )),
    "cip_cluster_ref": (c_void_p, (
        ("cluster", c_void_p),
    )),
    "cip_cluster_unref": (c_void_p, (
        ("cluster", c_void_p),
    )),
    "cip_cluster_is_set": (c_int, (
        ("cluster", c_void_p),
        ("attr", c_uint32),
    )),
    "cip_cluster_unset": (c_int, (
        ("cluster", c_void_p),
        ("attr", c_uint32),
    )),
    "cip_cluster_set_address": (c_int, (
        ("cluster", c_void_p),
        ("address", c_char_p),
    )),
    "cip_cluster_get_address": (c_int, (
        ("cluster", c_void_p),
        ("buf", POINTER(c_char)),
        ("size", c_size_t),
    )),
    "cip_cluster_get_family": (c_uint32, (
        ("cluster", c_void_p),
    )),
    "cip_cluster_set_prefix": (c_int, (
        ("cluster", c_void_p),
        ("prefix", c_uint32),
    )),
    "cip_cluster_get_prefix": (c_uint32, (
        ("cluster", c_void_p),
    )),
    "cip_cluster_set_ifname": (c_int, (
        ("cluster", c_void_p),
        ("ifname", c_char_p),
    )),
    "cip_cluster_get_ifname": (c_int, (
        ("cluster", c_void_p),
        ("buf", POINTER(c_char)),
        ("size", c_size_t),
    )),
    "cip_cluster_set_mac": (c_int, (
        ("cluster", c_void_p),
        ("mac", c_char_p),
    )),
    "cip_cluster_get_mac": (c_int, (
        ("cluster", c_void_p),
        ("buf", POINTER(c_char)),
        ("size", c_size_t),
    )),
    "cip_cluster_set_mac_mode": (c_int, (
        ("cluster", c_void_p),
        ("mac_mode", c_uint32),
    )),
    "cip_cluster_get_mac_mode": (c_uint32, (
        ("cluster", c_void_p),
    )),
    "cip_cluster_set_hash_mode": (c_int, (
        ("cluster", c_void_p),
        ("hash_mode", c_uint32),
    )),
    "cip_cluster_get_hash_mode": (c_uint32, (
        ("cluster", c_void_p),
    )),
    "cip_cluster_set_total_nodes": (c_int, (
        ("cluster", c_void_p),
        ("total_nodes", c_uint32),
    )),
    "cip_cluster_get_total_nodes": (c_uint32, (
        ("cluster", c_void_p),
    )),
    "cip_cluster_set_hash_seed": (c_int, (
        ("cluster", c_void_p),
        ("seed", c_uint32),
    )),
    "cip_cluster_get_hash_seed": (c_uint32, (
        ("cluster", c_void_p),
    )),
    "cip_cluster_set_source_prefix": (c_int, (
        ("cluster", c_void_p),
        ("bits", c_uint32),
    )),
    "cip_cluster_get_source_prefix": (c_uint32, (
        ("cluster", c_void_p),
    )),
    "cip_cluster_set_outgoing": (c_int, (
        ("cluster", c_void_p),
        ("outgoing", c_int),
    )),
    "cip_cluster_get_outgoing": (c_int, (
        ("cluster", c_void_p),
    )),
    "cip_cluster_set_noaddr": (c_int, (
        ("cluster", c_void_p),
        ("noaddr", c_int),
    )),
    "cip_cluster_get_noaddr": (c_int, (
        ("cluster", c_void_p),
    )),
    "cip_cluster_set_buckets": (c_int, (
        ("cluster", c_void_p),
        ("buckets", c_char_p),
    )),
    "cip_cluster_get_buckets": (c_int, (
        ("cluster", c_void_p),
        ("buf", POINTER(c_char)),
        ("size", c_size_t),
    )),
    "cip_cluster_add_bucket": (c_int, (
        ("cluster", c_void_p),
        ("bucket", c_uint32),
    )),
    "cip_cluster_remove_bucket": (c_int, (
        ("cluster", c_void_p),
        ("bucket", c_uint32),
    )),
    "cip_cluster_has_bucket": (c_int, (
        ("cluster", c_void_p),
        ("bucket", c_uint32),
    )),
    "cip_cluster_is_assigned": (c_int, (
        ("cluster", c_void_p),
        ("bucket", c_uint32),
    )),
    "cip_cluster_next_bucket": (c_uint32, (
        ("cluster", c_void_p),
        ("after", c_uint32),
    )),
    "cip_cluster_get_bucket_counters": (c_int, (
        ("cluster", c_void_p),
        ("bucket", c_uint32),
        ("ret_packets", POINTER(c_uint64)),
        ("ret_bytes", POINTER(c_uint64)),
    )),
    "cip_cluster_get_foreign_counters": (c_int, (
        ("cluster", c_void_p),
        ("ret_packets", POINTER(c_uint64)),
        ("ret_bytes", POINTER(c_uint64)),
    )),
    "cip_cluster_get_backend": (c_char_p, (
        ("cluster", c_void_p),
    )),
    "cip_cluster_validate": (c_int, (
        ("cluster", c_void_p),
    )),
    "cip_cluster_complete": (c_int, (
        ("cluster", c_void_p),
    )),
    "cip_cluster_compare": (c_uint32, (
        ("a", c_void_p),
        ("b", c_void_p),
    )),
    "cip_cluster_format": (c_int, (
        ("cluster", c_void_p),
        ("buf", POINTER(c_char)),
        ("size", c_size_t),
    )),
    "cip_cluster_parse": (c_int, (
        ("cluster", c_void_p),
        ("text", c_char_p),
    )),
    "cip_cluster_hash": (c_int, (
        ("cluster", c_void_p),
        ("saddr", c_char_p),
        ("protocol", c_uint32),
        ("sport", c_uint32),
        ("dport", c_uint32),
        ("ret_bucket", POINTER(c_uint32)),
    )),
    "cip_list_new": (c_int, (
        ("ctx", c_void_p),
        ("ret_list", POINTER(c_void_p)),
    )),
    "cip_list_ref": (c_void_p, (
        ("list", c_void_p),
    )),
    "cip_list_unref": (c_void_p, (
        ("list", c_void_p),
    )),
    "cip_list_add": (c_int, (
        ("list", c_void_p),
        ("cluster", c_void_p),
    )),
    "cip_list_import": (c_int, (
        ("list", c_void_p),
        ("text", c_char_p),
    )),
    "cip_list_parse": (c_int, (
        ("list", c_void_p),
        ("text", c_char_p),
    )),
    "cip_list_count": (c_uint32, (
        ("list", c_void_p),
    )),
    "cip_list_get": (c_void_p, (
        ("list", c_void_p),
        ("index", c_uint32),
    )),
    "cip_list_get_line": (c_uint32, (
        ("list", c_void_p),
        ("index", c_uint32),
    )),
    "cip_list_find": (c_void_p, (
        ("list", c_void_p),
        ("address", c_char_p),
    )),
    "cip_query": (c_int, (
        ("ctx", c_void_p),
        ("ret_list", POINTER(c_void_p)),
    )),
    "cip_query_one": (c_int, (
        ("ctx", c_void_p),
        ("address", c_char_p),
        ("ifname", c_char_p),
        ("ret_cluster", POINTER(c_void_p)),
    )),
    "cip_verify": (c_int, (
        ("ctx", c_void_p),
        ("address", c_char_p),
        ("ifname", c_char_p),
        ("ret_report", POINTER(c_void_p)),
    )),
    "cip_report_ref": (c_void_p, (
        ("report", c_void_p),
    )),
    "cip_report_unref": (c_void_p, (
        ("report", c_void_p),
    )),
    "cip_report_count": (c_uint32, (
        ("report", c_void_p),
    )),
    "cip_report_get_fault": (c_uint32, (
        ("report", c_void_p),
        ("index", c_uint32),
    )),
    "cip_report_get_address": (c_char_p, (
        ("report", c_void_p),
        ("index", c_uint32),
    )),
    "cip_report_get_text": (c_char_p, (
        ("report", c_void_p),
        ("index", c_uint32),
    )),
    "cip_fault_get_name": (c_char_p, (
        ("fault", c_uint32),
    )),
    "cip_create": (c_int, (
        ("ctx", c_void_p),
        ("cluster", c_void_p),
    )),
    "cip_destroy": (c_int, (
        ("ctx", c_void_p),
        ("address", c_char_p),
        ("ifname", c_char_p),
    )),
    "cip_modify": (c_int, (
        ("ctx", c_void_p),
        ("cluster", c_void_p),
    )),
    "cip_set_hash_mode": (c_int, (
        ("ctx", c_void_p),
        ("address", c_char_p),
        ("ifname", c_char_p),
        ("hash_mode", c_uint32),
    )),
    "cip_set_total_nodes": (c_int, (
        ("ctx", c_void_p),
        ("address", c_char_p),
        ("ifname", c_char_p),
        ("total_nodes", c_uint32),
    )),
    "cip_set_hash_seed": (c_int, (
        ("ctx", c_void_p),
        ("address", c_char_p),
        ("ifname", c_char_p),
        ("seed", c_uint32),
    )),
    "cip_add_buckets": (c_int, (
        ("ctx", c_void_p),
        ("address", c_char_p),
        ("ifname", c_char_p),
        ("buckets", c_char_p),
    )),
    "cip_remove_buckets": (c_int, (
        ("ctx", c_void_p),
        ("address", c_char_p),
        ("ifname", c_char_p),
        ("buckets", c_char_p),
    )),
    "cip_set_buckets": (c_int, (
        ("ctx", c_void_p),
        ("address", c_char_p),
        ("ifname", c_char_p),
        ("buckets", c_char_p),
    )),
    "cip_apply": (c_int, (
        ("ctx", c_void_p),
        ("list", c_void_p),
        ("flags", c_uint32),
    )),
    "cip_migrate": (c_int, (
        ("ctx", c_void_p),
        ("address", c_char_p),
        ("ifname", c_char_p),
    )),
    "cip_announce": (c_int, (
        ("ctx", c_void_p),
        ("address", c_char_p),
        ("ifname", c_char_p),
        ("count", c_uint32),
        ("interval_ms", c_uint32),
    )),
    "cip_plan_count": (c_uint32, (
        ("ctx", c_void_p),
    )),
    "cip_plan_format": (c_int, (
        ("ctx", c_void_p),
        ("index", c_uint32),
        ("buf", POINTER(c_char)),
        ("size", c_size_t),
    )),
    "cip_monitor_new": (c_int, (
        ("ctx", c_void_p),
        ("ret_monitor", POINTER(c_void_p)),
    )),
    "cip_monitor_ref": (c_void_p, (
        ("monitor", c_void_p),
    )),
    "cip_monitor_unref": (c_void_p, (
        ("monitor", c_void_p),
    )),
    "cip_monitor_get_fd": (c_int, (
        ("monitor", c_void_p),
    )),
    "cip_monitor_next": (c_int, (
        ("monitor", c_void_p),
    )),
    "cip_monitor_get_event": (c_uint32, (
        ("monitor", c_void_p),
    )),
    "cip_monitor_get_address": (c_char_p, (
        ("monitor", c_void_p),
    )),
    "cip_monitor_get_ifname": (c_char_p, (
        ("monitor", c_void_p),
    )),
    "cip_monitor_get_pid": (c_uint32, (
        ("monitor", c_void_p),
    )),
    "cip_monitor_get_process": (c_char_p, (
        ("monitor", c_void_p),
    )),
    "cip_monitor_get_text": (c_char_p, (
        ("monitor", c_void_p),
    )),
    "cip_hash": (c_int, (
        ("hash_mode", c_uint32),
        ("total_nodes", c_uint32),
        ("seed", c_uint32),
        ("saddr", c_char_p),
        ("protocol", c_uint32),
        ("sport", c_uint32),
        ("dport", c_uint32),
        ("ret_bucket", POINTER(c_uint32)),
    )),
    "cip_default_mac": (c_int, (
        ("address", c_char_p),
        ("buf", POINTER(c_char)),
        ("size", c_size_t),
    )),
    "cip_hash_mode_get_name": (c_char_p, (
        ("hash_mode", c_uint32),
    )),
    "cip_hash_mode_from_name": (c_uint32, (
        ("name", c_char_p),
    )),
    "cip_mac_mode_get_name": (c_char_p, (
        ("mac_mode", c_uint32),
    )),
    "cip_mac_mode_from_name": (c_uint32, (
        ("name", c_char_p),
    )),
    "cip_event_get_name": (c_char_p, (
        ("event", c_uint32),
    )),
    "cip_attr_get_name": (c_char_p, (
        ("attr", c_uint32),
    )),
}
