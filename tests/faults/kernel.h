/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef KERNEL_H
#define KERNEL_H

#include <libmnl/libmnl.h>
#include <stdint.h>

/* The kernel without the library: netlink requests of the test's own, and what they change. */

/* the device of cluster IPs, and one that takes no IPv6 address */
#define DEVICE	     "v0"
#define DEVICE_NO_V6 "x0"

_Noreturn void die(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Makes both devices, in the network namespace of this process. */
void kernel_begin(void);
/* The sockets of this process; one that has died of a fault leaves answers in its own. */
void kernel_open(void);

/* A request, and each of its answers; it is put together in a buffer that there is one of. 0, or what is refused. */
struct nlmsghdr *rtnl_request(uint16_t type, uint16_t flags);
int rtnl_ask(struct nlmsghdr *nlh, mnl_cb_t cb, void *data);
struct nlmsghdr *nft_request(uint16_t type, uint8_t family, uint16_t flags);
int nft_ask(struct nlmsghdr *nlh, mnl_cb_t cb, void *data);

/* The attributes of a message behind its header, and those in an attribute; NULL behind the last. */
const struct nlattr *attr_first(const struct nlmsghdr *nlh, size_t header);
const struct nlattr *attr_next(const struct nlmsghdr *nlh, const struct nlattr *attr);
const struct nlattr *nested_first(const struct nlattr *nest);
const struct nlattr *nested_next(const struct nlattr *nest, const struct nlattr *attr);

/* The number of the last commit. */
uint32_t nft_generation(void);

/* No table, and nothing on the devices that the kernel has not put there itself. */
void kernel_clear(void);

/* Damage by others. */
void addr_add(const char *address, uint8_t prefix, const char *device);
void addr_remove(const char *address, const char *device);
void mac_remove(const char *mac, const char *device);
/* The entry of a cluster IP in a map whose keys are addresses. */
void elem_remove(uint8_t family, const char *set, const char *address);
/* A bucket of a cluster IP of a class, in a set. */
void slot_add(uint8_t family, const char *set, const char *address, uint32_t class, uint32_t bucket);
void chain_flush(uint8_t family, const char *chain);

/* --- between the files of it --- */

int rtnl_fd(void);
void devices_clear(void);
/* Its length in bytes, which are 16 at most. */
uint8_t read_address(const char *text, uint8_t *bytes);
void write_sysctl(const char *path, const char *value);

#endif
