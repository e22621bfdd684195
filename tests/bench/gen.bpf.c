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

/* Everything but the addresses and the checksum, if there is one, stays as it was given to the test run. */
static __always_inline int address(struct xdp_md *ctx, __u32 saddr, __u32 daddr, __u32 csum, __u32 header)
{
	__u8 *frame = (void *)(long)ctx->data;
	const struct flow *flow = &gen.flows[gen.next++ & (FLOW_COUNT - 1)];
	__u32 sum;

	if (frame + header > (__u8 *)(long)ctx->data_end)
		return -1;
	if (csum) {
		sum = halves(halves(gen.sum + halves(flow->saddr) + halves(flow->daddr)));
		*(__u16 *)(frame + csum) = (__u16)~sum;
	}
	*(__u32 *)(frame + saddr) = flow->saddr;
	*(__u32 *)(frame + daddr) = flow->daddr;
	return 0;
}

static __always_inline int address4(struct xdp_md *ctx)
{
	return address(ctx, FRAME4_SADDR, FRAME4_DADDR, FRAME4_CSUM, FRAME4_HEADER);
}

static __always_inline int address6(struct xdp_md *ctx)
{
	return address(ctx, FRAME6_SADDR, FRAME6_DADDR, 0, FRAME6_HEADER);
}

SEC("xdp")
int gen4_pass(struct xdp_md *ctx)
{
	return address4(ctx) ? XDP_ABORTED : XDP_PASS;
}

SEC("xdp")
int gen6_pass(struct xdp_md *ctx)
{
	return address6(ctx) ? XDP_ABORTED : XDP_PASS;
}

/* The same work for nothing: what the generator itself costs. */
SEC("xdp")
int gen4_drop(struct xdp_md *ctx)
{
	return address4(ctx) ? XDP_ABORTED : XDP_DROP;
}

SEC("xdp")
int gen6_drop(struct xdp_md *ctx)
{
	return address6(ctx) ? XDP_ABORTED : XDP_DROP;
}

char _license[] SEC("license") = "GPL";
