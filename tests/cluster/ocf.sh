#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The resource agent's meta-data, for those who read it, and the conformance test of the package resource-agents.

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=../netns/lib.sh
. "$here/../netns/lib.sh"
# shellcheck disable=SC2034 # of lib.sh
NODES=(n1)
AGENT=$here/../../examples/pacemaker/ClusterIP
OLD=/usr/lib/ocf/resource.d/heartbeat/IPaddr2

if [[ ! $(command -v ocf-tester) || ! $(command -v xmllint) || ! -e $OLD ]]; then
	skip "ocf.sh: needs the packages resource-agents and libxml2-utils"
	finish
fi
begin
PATH=$(dirname "$CIPADM"):$PATH
export PATH

# ------------------------------------------------------------------ meta-data

# with nothing but a shell and what prints
mkdir "$WORK/bin"
for tool in cat sed; do ln -s "$(command -v $tool)" "$WORK/bin/$tool"; done
env -i "PATH=$WORK/bin" "$(command -v dash)" "$AGENT" meta-data >"$WORK/meta-data" 2>"$WORK/said"
is "meta-data needs no environment, no library and hardly a program" "$? $(<"$WORK/said")" "0 "
works "it is XML" xmllint --noout "$WORK/meta-data"

# none WHAT XPATH: nothing in the meta-data is like this
none() {
	is "$1" "$(xmllint --xpath "count($2)" "$WORK/meta-data")" 0
}

# what the schema of OCF 1.1 asks for
none "it says that it is of OCF 1.1" "/resource-agent[not(version = '1.1') or not(@name = 'ClusterIP')]"
none "its parts are in order" "/*[name(*[1]) != 'version' or name(*[2]) != 'longdesc' or name(*[3]) != 'shortdesc'
	or name(*[4]) != 'parameters' or name(*[5]) != 'actions' or count(*) != 5]"
none "every parameter has descriptions and a content, in order" "//parameter[not(@name) or count(*) != 3 or
	name(*[1]) != 'longdesc' or name(*[2]) != 'shortdesc' or name(*[3]) != 'content']"
none "no parameter has an attribute that is not of OCF 1.1" "//parameter/@*[name() != 'name' and name() != 'required'
	and name() != 'unique-group' and name() != 'reloadable']"
none "every description is in a language and not empty" "//longdesc[not(@lang) or normalize-space() = ''] |
	//shortdesc[not(@lang) or normalize-space() = '']"
none "every content has a type of OCF 1.1" "//content[not(@type = 'string' or @type = 'boolean' or @type = 'integer' or
	@type = 'select')]"
none "every default that can be selected is one of the options" \
	"//content[@type = 'select' and not(option/@value = @default)]"
none "every action has a timeout" "//action[not(@timeout)]"
is "it offers what an agent has to" "$(for action in start stop monitor meta-data; do
	xmllint --xpath "count(//action[@name='$action'])" "$WORK/meta-data"
done | xargs)" "1 1 1 1"

# found XPATH FILE: the values of these attributes
found() {
	xmllint --xpath "$1" "$2" 2>/dev/null | sed 's/.*="\(.*\)"/\1/' | sort -u
}

env OCF_ROOT=/usr/lib/ocf "$OLD" meta-data >"$WORK/old"
is "it has every parameter of IPaddr2" \
	"$(comm -23 <(found //parameter/@name "$WORK/old") <(found //parameter/@name "$WORK/meta-data"))" ""
is "IPaddr2 has more than 20" $(($(found //parameter/@name "$WORK/old" | wc -l) > 20)) 1
is "every action that it offers is one that it knows" "$(for action in $(found //action/@name "$WORK/meta-data"); do
	OCF_ROOT=/usr/lib/ocf OCF_RESKEY_ip=192.0.2.1 in_ns n1 dash "$AGENT" "$action" >/dev/null 2>&1
	[[ $? != 3 ]] || echo "$action"
done)" ""
is "it says which parameters can be reloaded" "$(found '//parameter[@reloadable="1"]/@name' "$WORK/meta-data" | xargs)" \
	"clusterip_hash clusterip_hash_seed"

# ------------------------------------------------------------------ the manual

manual=$(mandoc -T ascii "$here/../../man/ocf_libclusterip_ClusterIP.7" | sed 's/.\x08//g')
is "the manual has every parameter" "$(found //parameter/@name "$WORK/meta-data" | while read -r name; do
	grep -qw -- "$name" <<<"$manual" || echo "$name"
done)" ""

# ------------------------------------------------------------------ crm, ocf-tester

# in mounts of its own there is another provider
with_provider() {
	# shellcheck disable=SC2016 # expanded by that shell
	in_ns n1 unshare --mount bash -c 'mkdir "$0" && mount -t tmpfs tmpfs "$0" && mkdir "$0/resource.d" "$0/resource.d/libclusterip" &&
		ln -s /usr/lib/ocf/lib "$0/lib" && cp "$1" "$0/resource.d/libclusterip" && mount --rbind "$0" /usr/lib/ocf && "${@:2}"' \
		"$WORK/ocf" "$AGENT" "$@"
}

if [[ $(command -v crm) ]]; then
	info=$(HOME=$WORK with_provider crm ra info ocf:libclusterip:ClusterIP 2>&1)
	has "crm shows its parameters" "$info" "clusterip_hash_seed"
	has "crm shows its actions" "$info" "monitor"
fi

tested=$(in_ns n1 env HA_RSCTMP="$WORK/tmp" HA_LOGFILE=/dev/null ocf-tester -n ip -o ip=10.77.0.100 -o nic=eth0 \
	-o cidr_netmask=16 -o CRM_meta_clone_max=1 "$AGENT" 2>&1)
# ocf-tester knows OCF 1.0 only, which has no reload-agent
is "ocf-tester has nothing to say, but that meta-data is not of OCF 1.0" "$(grep '^\* rc' <<<"$tested")" \
	"* rc=4: Your agent produces meta-data which does not conform to ra-api-1.dtd"
has "and that is all" "$tested" "failed 1 tests"
has "it came to the end" "$tested" "does not support the reload action"
is "it leaves nothing" "$(in_ns n1 nft list ruleset && ip -n "$PREFIX-n1" addr show to 10.77.0.100)" ""
finish
