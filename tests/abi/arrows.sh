#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Who includes whom in libclusterip/. Data walks one way down, and so do includes:
#
#     api -> backend -> nft -> objects -> wire -> ground, and model and plan for all that speak of cluster IPs
#                    -> target -> codec
#         -> monitor -> wire, and the names of the objects
#
# Each floor sees those in its list below and no other. docs/design.md says what each is for.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
cd "$SRC/libclusterip" || exit 1

declare -A SEES=(
	[ground]="ground"
	[wire]="ground wire"
	[model]="ground model"
	[plan]="ground model plan"
	[backend]="ground model plan backend"
	[objects]="ground wire model objects"
	[codec]="ground model codec"
	[target]="ground wire model plan backend codec target"
	[nft]="ground wire model plan backend objects nft"
	[monitor]="ground wire objects monitor"
	[api]="ground model plan backend monitor api"
)

# floor FILE: sets FLOOR, to nothing for a file that belongs to no floor
floor() {
	case ${1%.[ch]} in
	macro | refcount | text | ctx | error | refused | log | names | addr | bucketset | hash) FLOOR=ground ;;
	wire-*) FLOOR=wire ;;
	cluster | cluster-* | iptables-* | validate | report) FLOOR=model ;;
	plan | plan-* | change) FLOOR=plan ;;
	backend | backend-wait) FLOOR=backend ;;
	nft | nft-expr | nft-rule | nft-rule-* | nft-elem | nft-record | nft-shape | nft-table) FLOOR=objects ;;
	nft-* | backend-nft*) FLOOR=nft ;;
	target-record | target-rule) FLOOR=codec ;;
	target-* | backend-clusterip) FLOOR=target ;;
	monitor) FLOOR=monitor ;;
	api | api-*) FLOOR=api ;;
	*) FLOOR= ;;
	esac
}

# includes FILE: what it includes of this folder
includes() {
	sed -n 's/^[[:space:]]*#[[:space:]]*include[[:space:]]*"\([^"]*\)".*/\1/p' "$1"
}

# check_file FILE: prints the arrows that point the wrong way
check_file() {
	local from target
	floor "$1"
	from=$FLOOR
	[[ $from ]] || echo "$1 belongs to no floor"
	while read -r target; do
		floor "$target"
		FLOOR=${FLOOR:-none}
		if [[ ! -e $target ]]; then
			echo "$1 includes \"$target\", which is not in this folder"
		elif [[ $from && " ${SEES[$from]} " != *" $FLOOR "* ]]; then
			echo "$1 ($from) includes $target ($FLOOR)"
		fi
	done < <(includes "$1")
}

# only WHAT HEADER PATTERN...: no file includes <HEADER...> but those
only() {
	local what=$1 header=$2 file pattern wrong=
	shift 2
	for file in *.[ch]; do
		grep -q "^[[:space:]]*#[[:space:]]*include[[:space:]]*[<\"]$header" "$file" || continue
		for pattern; do
			# shellcheck disable=SC2053 # a pattern
			if [[ $file == $pattern ]]; then continue 2; fi
		done
		wrong+="$file "
	done
	is "$what" "$wrong" ""
}

arrows=0
wrong=
for file in *.[ch]; do
	arrows=$((arrows + $(includes "$file" | wc -l)))
	wrong+=$(check_file "$file")
done
is "all $arrows includes of the library point down" "$wrong" ""
is "there are includes to look at" $((arrows >= 30)) 1
only "libnftnl is known to the nft backend alone" libnftnl/ 'nft-*' 'backend-nft*'
only "libmnl is known to wires and to the nft backend alone" libmnl/ 'wire-*' 'nft-*' 'backend-nft*'
only "libiptc is known to a wire alone" libiptc/ 'wire-iptc*'
only "libxtables is known to a wire alone" xtables 'wire-iptc*'
only "nobody knows jansson" jansson 'none'
is "programs see the public header alone" \
	"$(grep -lrE '#[[:space:]]*include[[:space:]]*["<](\.\./)*libclusterip/' "$SRC/examples" "$SRC/tests")" ""
finish
