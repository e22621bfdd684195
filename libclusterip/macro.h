/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CIP_MACRO_H
#define CIP_MACRO_H

#define CIP_EXPORT	     __attribute__((visibility("default")))
#define CIP_PRINTF(fmt, arg) __attribute__((format(printf, fmt, arg)))

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#endif
