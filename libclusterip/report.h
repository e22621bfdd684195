/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CIP_REPORT_H
#define CIP_REPORT_H

#include "cluster.h"

struct fault {
	uint32_t kind;	  /* CIP_FAULT_* */
	struct addr addr; /* family 0: shared by all */
	uint8_t family;	  /* 4 or 6: of the address, or of all who share it; 0: those in MAC mode unicast do */
	char address[ADDR_TEXT_MAX];
	char text[256];
	int outside; /* nothing that was asked of the library: no verb could repair it */
};

/* What a verification found wrong. */
struct cip_report {
	struct refcount refcount;
	uint32_t count, space;
	struct fault *faults;
	uint8_t sharing; /* the family of what is added as shared by all */
};

int report_new(struct cip_ctx *ctx, struct cip_report **ret_report);
struct cip_report *report_unref(struct cip_report *report);
/* addr NULL: shared by all. 0 or -ENOMEM. */
int report_add(struct cip_report *report, uint32_t kind, const struct addr *addr, const char *fmt, ...)
	CIP_PRINTF(4, 5);
/* Shared faults first, then by address, by kind in the order of CIP_FAULT_*, and by sentence; each once. */
void report_sort(struct cip_report *report);
/* The device is there and down, which no verb repairs. 0 or -ENOMEM. */
int report_add_down(struct cip_report *report, const struct cip_cluster *cluster);

#endif
