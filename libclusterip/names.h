/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CIP_NAMES_H
#define CIP_NAMES_H

#include <stdint.h>

const char *names_hash_mode(uint32_t hash_mode);
uint32_t names_hash_mode_from(const char *name);
const char *names_mac_mode(uint32_t mac_mode);
uint32_t names_mac_mode_from(const char *name);
const char *names_attr(uint32_t attr);
const char *names_fault(uint32_t fault);
const char *names_event(uint32_t event);

#endif
