#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What "make install" leaves is what installed.txt lists, and enough to build and run a program with pkg-config alone;
# "make uninstall" takes it away.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
scratch
install_tree

# listed: what was installed, with the words of installed.txt for the folders that configure was told; without the
# pages that only lead to another one
listed() {
	local prefix
	prefix=$(sed -n 's/^prefix=//p' "$root/$pc")
	installed '*' | sed -e 's,^\..*/ocf/,OCF/,' -e "s,^\.$prefix/,PREFIX/," |
		grep -v '/man3/cip_' | LC_ALL=C sort
}

# expected: without the daemon's, if it was not built
expected() {
	if [[ -x $BUILD/examples/daemon/cipd ]]; then cat "$ABI/installed.txt"; else grep -v '/cipd' "$ABI/installed.txt"; fi
}

pc=$(installed '*/pkgconfig/libclusterip.pc')
is "what is installed is what installed.txt lists" "$(diff <(expected) <(listed))" ""
is "nothing of it names the folder it was put in" "$(grep -rlF "$root" "$root")" ""
is "one pkg-config file" "$(wc -l <<<"$pc")" 1
is "one header" "$(installed '*/include/*' | sed 's,.*/include/,,')" clusterip/clusterip.h
works "it is the header of the sources" cmp "$HEADER" "$root/$(installed '*/include/*')"
is "nothing static" "$(installed '*.a')" ""
is "the soname is that of ABI 0" "$(objdump -p "$libdir/libclusterip.so" | awk '$1 == "SONAME" {print $2}')" \
	libclusterip.so.0
is "no path of the build is left in it" "$(objdump -p "$libdir/libclusterip.so" | grep -E 'RPATH|RUNPATH')" ""
is "pkg-config knows the version" "$(pkg-config --modversion libclusterip)" \
	"$(sed -n 's/^AC_INIT(\[[^]]*\], \[\([^]]*\)\].*/\1/p' "$SRC/configure.ac")"

read -ra flags <<<"$(pkg-config --cflags --libs libclusterip)"
# shellcheck disable=SC2086 # a compiler may be several words
works "a C++ program builds with pkg-config's words" $CXX -o "$WORK/program" "$ABI/header-cxx.cc" "${flags[@]}"
works "and runs" "$WORK/program"
works "a C program builds in C89" "$CC" -std=c89 -pedantic -Werror -c -o "$WORK/c89.o" "$ABI/header-c89.c" "${flags[@]}"
is "it needs the library, and the library brings the rest" \
	"$(objdump -p "$WORK/program" | awk '$1 == "NEEDED" && /clusterip|mnl|nftnl/ {print $2}')" libclusterip.so.0

mkdir "$WORK/bin"
for example in "$SRC"/examples/c/*.c; do
	name=$(basename "$example" .c)
	works "examples/c/$name.c builds with pkg-config's words" \
		"$CC" -Wall -Wextra -Werror -o "$WORK/bin/$name" "$example" "${flags[@]}"
done

# what the examples print, in a network namespace of their own
run_examples() {
	local how=(-n)
	((!EUID)) || how=(-rn)
	# shellcheck disable=SC2016 # expanded there
	unshare "${how[@]}" sh -c 'cd "$0" && ip link add cip0 type veth peer name peer0 && ip link set cip0 up || exit
		./create 10.0.0.100/24 cip0 && ./create 10.0.0.101/24 cip0 && ./dry-run 10.0.0.100 1,4 && ./failover 5,6 && ./list
		./watch & sleep 1
		ip addr del 10.0.0.101/24 dev cip0
		sleep 1; kill $!' "$WORK/bin" 2>&1
}

is "and they run" "$(run_examples | grep -vE '^  bucket|^dev cip0 is')" "\
10.0.0.100 dev cip0: add buckets 4, remove buckets 2
10.0.0.100/24 dev cip0 mac 03:bf:0a:00:00:64 hash sourceip-sourceport total 6 seed 0x0 buckets 1,2,5,6
10.0.0.101/24 dev cip0 mac 03:bf:0a:00:00:65 hash sourceip-sourceport total 6 seed 0x0 buckets 1,2,5,6
watching
address 10.0.0.101/24 was removed from dev cip0
  10.0.0.101 dev cip0 does not have the address with prefix length 24"

cipadm=$root/$(installed '*bin/cipadm')
is "the installed cipadm runs" "$("$cipadm" hash total 16 192.0.2.1 2>&1 | grep -cE '[0-9]')" 1
if [[ -x $BUILD/examples/daemon/cipd ]]; then
	cipd=$root/$(installed '*/sbin/cipd')
	works "the installed cipd runs" "$cipd" --version
	is "its unit starts it" "$(sed -n 's/^ExecStart=//p' "$root/$(installed '*/cipd.service')")" "${cipd#"$root/."}"
fi
is "the timer starts a service that runs it" "$(sed -n 's/^ExecStart=\([^ ]*\) metrics --output .*/\1/p' \
	"$root/$(installed '*/clusterip-metrics.service')") $(installed '*/clusterip-metrics.timer' | wc -l)" \
	"${cipadm#"$root/."} 1"

# verify_units: what systemd says about the units, as if their programs were where they are now
verify_units() {
	local unit
	mkdir "$WORK/units"
	installed '*/systemd/system/*' | while read -r unit; do
		sed "s,^ExecStart=,&$root," "$root/$unit" >"$WORK/units/${unit##*/}"
	done
	SYSTEMD_UNIT_PATH=$WORK/units: systemd-analyze verify --man=no "$WORK"/units/*
}

if [[ -x $(command -v systemd-analyze) ]]; then
	is "systemd has nothing to say about the units" "$(verify_units 2>&1)" ""
else
	echo "systemd's units were not verified: there is no systemd-analyze"
fi
is "the schema and the dashboard are JSON" "$(installed '*/libclusterip/*.json' | sed 's,.*/,,' | tr '\n' ' ')" \
	"cipadm-1.schema.json grafana.json "

# misplaced_functions: those without a page of their name that leads to a page that names them
misplaced_functions() {
	local name
	cd "$root/$(dirname "$(installed '*/man3/libclusterip.3')")/.." || return
	declared | while read -r name; do
		sed -n '/^\.SH NAME/{n;p;}' "$(sed 's/^\.so //' "man3/$name.3")" | grep -qw "$name" || echo "$name"
	done
}

is "bash finds the completion of cipadm" "$(installed '*/bash-completion/completions/*' | sed 's,.*/share/,,')" \
	bash-completion/completions/cipadm
is "manual pages" $(($(installed '*/man/man*/*' | wc -l) >= 15)) 1
is "each function is found by its name" "$(misplaced_functions 2>&1)" ""
is "and is all that leads to another page" "$(grep -lE '^\.so' "$root/$(dirname "$(installed '*/man3/libclusterip.3')")"/* | wc -l)" \
	"$(declared | wc -l)"
works "make uninstall" make -C "$BUILD" uninstall DESTDIR="$root"
is "nothing is left of it" "$(installed '*')" ""
finish
