/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The packet generator. It runs in place of a driver: the kernel calls it for each frame of a test run, and what it
 * lets pass goes up the stack as if the device had received it.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "gen.h"

struct gen gen;

static __always_inline __u32 halves(__u32 word)
{
	return (word >> 16) + (word & 0xffff);
}

/* Everything but the addresses and the checksum stays as it was given to the test run. */
static __always_inline int address(struct xdp_md *ctx)
{
	__u8 *frame = (void *)(long)ctx->data;
	const struct flow *flow = &gen.flows[gen.next++ & (FLOW_COUNT - 1)];
	__u32 sum;

	if (frame + FRAME_HEADER > (__u8 *)(long)ctx->data_end)
		return -1;
	sum = halves(halves(gen.sum + halves(flow->saddr) + halves(flow->daddr)));
	*(__u16 *)(frame + FRAME_CSUM) = (__u16)~sum;
	*(__u32 *)(frame + FRAME_SADDR) = flow->saddr;
	*(__u32 *)(frame + FRAME_DADDR) = flow->daddr;
	return 0;
}

SEC("xdp")
int gen_pass(struct xdp_md *ctx)
{
	return address(ctx) ? XDP_ABORTED : XDP_PASS;
}

/* The same work for nothing: what the generator itself costs. */
SEC("xdp")
int gen_drop(struct xdp_md *ctx)
{
	return address(ctx) ? XDP_ABORTED : XDP_DROP;
}

char _license[] SEC("license") = "GPL";
