#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The Debian packages in $WORK are installed in a root that has, beside essential packages, only what they and their
# test say that they depend on. They are used there, and removed; only configuration may be left, and after a purge
# only what the administrator has written.

# shellcheck disable=SC2317 # called by works

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=../tally.sh
. "$here/../tally.sh"
root=$WORK/root
cd "$WORK" || exit 1
mapfile -t debs < <(printf '%s\n' ./*.deb | grep -v -e -dbgsym_)
if [[ ! -e ${debs[0]} ]]; then
	not_ok "there are no packages to install"
	finish
fi
mapfile -t ours < <(for deb in "${debs[@]}"; do dpkg-deb -f "$deb" Package; done)

# depends: names in the fields of the packages and of their test, without versions and without the packages themselves
depends() {
	{
		for deb in "${debs[@]}"; do dpkg-deb -f "$deb" Pre-Depends Depends; done
		awk '/^[^ ]/ {on = /^Depends:/} on' libclusterip-*/debian/tests/control
	} | sed 's/^[A-Z][A-Za-z-]*: //' | tr , '\n' | sed -n 's/^ *\([a-z0-9][a-z0-9.+-]*\).*/\1/p' | sort -u |
		grep -vxF "$(printf '%s\n' "${ours[@]}")"
}

# in_root COMMAND...: with namespaces of its own, so that nothing of it reaches this machine or outlives the command
in_root() {
	# shellcheck disable=SC2016 # expanded there
	env -i PATH="$PATH" LC_ALL=C.UTF-8 PYTHONDONTWRITEBYTECODE=1 DEBIAN_FRONTEND=noninteractive \
		unshare --mount --net --pid --fork --kill-child sh -c 'mount -t proc proc "$0/proc" &&
			mount --rbind /dev "$0/dev" && exec chroot "$0" "$@"' "$root" "$@"
}

make_root() {
	local names
	mapfile -t names < <(depends)
	((${#names[@]} >= 10)) && mkdir "$root" && /usr/bin/python3 "$here/copy_root.py" "$root" "${names[@]}" &&
		chroot "$root" ldconfig
}

# contents: every path of the root but what dpkg itself keeps
contents() {
	(cd "$root" && find . -path ./var/lib/dpkg -prune -o ! -path ./var/log/dpkg.log ! -path ./etc/ld.so.cache \
		! -path './var/cache/ldconfig*' -print | sort)
}

# left: what is there now and was not before
left() {
	comm -13 "$WORK/before" <(contents)
}

put_sources() {
	mkdir -p "$root/tmp/test/tests" && cp -r libclusterip-*/{debian,examples} "$root/tmp/test" &&
		cp libclusterip-*/tests/tally.sh "$root/tmp/test/tests"
}

works "a root with nothing but what the packages say they need" make_root
contents >"$WORK/before"
mkdir "$root/debs" && cp "${debs[@]}" "$root/debs"
works "the packages can be installed there" in_root sh -c 'dpkg -i /debs/*.deb'
is "dpkg finds nothing amiss" "$(in_root dpkg --audit; in_root dpkg --verify "${ours[@]}")" ""
is "cipd is started with the machine" \
	"$(readlink "$root/etc/systemd/system/multi-user.target.wants/cipd.service")" /lib/systemd/system/cipd.service

put_sources
in_root /tmp/test/debian/tests/installed | tee "$WORK/installed.log"
if [[ $(tail -n 1 "$WORK/installed.log") =~ ^([0-9]+)' passed, '([0-9]+)' failed' ]]; then
	PASSED=$((PASSED + BASH_REMATCH[1])) FAILED=$((FAILED + BASH_REMATCH[2]))
else
	not_ok "debian/tests/installed has not ended"
fi

echo "# written by the administrator" >"$root/etc/clusterip.conf"
rm -rf "${root:?}/debs" "${root:?}/tmp/test"
works "the packages can be removed" in_root dpkg --remove "${ours[@]}"
is "what is left is configuration: the administrator's file, and whether cipd is enabled" "$(left | grep -vxE \
	'\./etc/clusterip\.conf|\./(etc|var/lib)/systemd/.*(cipd\.service|deb-systemd-helper-.*|multi-user\.target\.wants).*')" ""
works "and purged" in_root dpkg --purge "${ours[@]}"
is "only what the administrator has written is left" "$(left)" ./etc/clusterip.conf
finish
