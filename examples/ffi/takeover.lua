-- SPDX-License-Identifier: GPL-2.0-or-later
-- takeover.lua ADDRESS/PREFIX DEVICE BUCKET: makes a cluster IP of 6 buckets, of which this node has 1 and 2, takes
-- over one more, and prints what the kernel then has. For LuaJIT with cjson; nothing is compiled.
local ffi = require("ffi")
local json = require("cjson")

-- the functions that are used, as the header declares them
ffi.cdef [[
struct cip_ctx; struct cip_cluster;
int cip_new(struct cip_ctx **ret_ctx);
struct cip_ctx *cip_unref(struct cip_ctx *ctx);
const char *cip_get_error(struct cip_ctx *ctx);
int cip_cluster_new(struct cip_ctx *ctx, struct cip_cluster **ret_cluster);
struct cip_cluster *cip_cluster_unref(struct cip_cluster *cluster);
int cip_cluster_parse(struct cip_cluster *cluster, const char *text);
int cip_cluster_get_address(struct cip_cluster *cluster, char *buf, size_t size);
uint32_t cip_cluster_get_total_nodes(struct cip_cluster *cluster);
uint32_t cip_cluster_next_bucket(struct cip_cluster *cluster, uint32_t after);
int cip_create(struct cip_ctx *ctx, struct cip_cluster *cluster);
int cip_add_buckets(struct cip_ctx *ctx, const char *address, const char *ifname, const char *buckets);
int cip_query_one(struct cip_ctx *ctx, const char *address, const char *ifname, struct cip_cluster **ret_cluster);
]]
local lib = ffi.load("libclusterip.so.0")

local function owned(handle, unref)
	return ffi.gc(handle[0], unref)
end

local function new_context()
	local handle = ffi.new("struct cip_ctx *[1]")
	assert(lib.cip_new(handle) == 0, "no memory")
	return owned(handle, lib.cip_unref)
end

local ctx = new_context()

-- A failure has a sentence.
local function check(result)
	if result < 0 then
		io.stderr:write(ffi.string(lib.cip_get_error(ctx)), "\n")
		os.exit(1)
	end
end

local function new_cluster(text)
	local handle = ffi.new("struct cip_cluster *[1]")
	check(lib.cip_cluster_new(ctx, handle))
	local cluster = owned(handle, lib.cip_cluster_unref)
	check(lib.cip_cluster_parse(cluster, text))
	return cluster
end

local function address_of(cluster)
	local buf = ffi.new("char[46]")
	check(lib.cip_cluster_get_address(cluster, buf, ffi.sizeof(buf)))
	return ffi.string(buf)
end

local function query(address)
	local handle = ffi.new("struct cip_cluster *[1]")
	check(lib.cip_query_one(ctx, address, nil, handle))
	return owned(handle, lib.cip_cluster_unref)
end

local function buckets_of(cluster)
	local buckets = {}
	local bucket = lib.cip_cluster_next_bucket(cluster, 0)
	while bucket > 0 do
		buckets[#buckets + 1] = bucket
		bucket = lib.cip_cluster_next_bucket(cluster, bucket)
	end
	return buckets
end

if #arg ~= 3 then
	io.stderr:write("usage: takeover.lua ADDRESS/PREFIX DEVICE BUCKET\n")
	os.exit(1)
end
local wanted = new_cluster(arg[1] .. " dev " .. arg[2] .. " total 6 buckets 1,2")
local address = address_of(wanted)
check(lib.cip_create(ctx, wanted))
check(lib.cip_add_buckets(ctx, address, nil, arg[3]))
local found = query(address)
print(json.encode({
	address = address_of(found),
	total = lib.cip_cluster_get_total_nodes(found),
	buckets = buckets_of(found),
}))
