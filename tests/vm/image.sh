# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What the guest is made of, to be sourced: the kernel of Debian 12, the last one with the CLUSTERIP target, and an
# initramfs of busybox, a few programs of the host with their libraries, and what the build tree has to test.

PROGRAMS=(bash awk ip bridge comm nft flock setpriv xtables-legacy-multi)
LEGACY=(iptables-legacy iptables-legacy-save iptables-legacy-restore)
MODULE_FOLDERS=(net/{802,8021q,bridge,core,ipv4,ipv6,llc,netfilter,sched} drivers/net/{bonding,dummy.ko,macvlan.ko,veth.ko}
	crypto/crc32c_generic.ko lib/libcrc32c.ko)
APT=(apt-get -qq -o APT::Sandbox::User=root)

# ------------------------------------------------------------------ kernel

# kernel_package: the name of Debian's newest kernel 6.1
kernel_package() {
	apt-cache depends linux-image-amd64 2>/dev/null | sed -n 's/.* \(linux-image-6\.1\.[^ ]*\)$/\1/p' | head -n 1
}

# unpack_kernel PACKAGE FOLDER: the kernel as FOLDER/vmlinuz, and the modules we need below FOLDER/lib
unpack_kernel() {
	local wanted=("${MODULE_FOLDERS[@]/#/./lib/modules/*/kernel/}")
	mkdir "$2" && (cd "$2" && "${APT[@]}" download "$1" && dpkg-deb --fsys-tarfile ./*.deb >data.tar) &&
		tar -C "$2" -xf "$2/data.tar" --wildcards './boot/vmlinuz-*' './lib/modules/*/modules.builtin*' \
			'./lib/modules/*/modules.order' "${wanted[@]}" &&
		mv "$2"/boot/vmlinuz-* "$2/vmlinuz" && rm -rf "${2:?}/boot" "$2/data.tar" "$2"/*.deb
}

# find_kernel CACHE: sets KERNEL to its folder there, and fetches it if there is none
find_kernel() {
	local package fresh
	for KERNEL in "$1"/linux-image-6.1.*; do [[ ! -e $KERNEL/vmlinuz ]] || return 0; done
	package=$(kernel_package)
	[[ $package ]] || { "${APT[@]}" update && package=$(kernel_package); }
	[[ $package ]] || { echo "no package linux-image-amd64 of version 6.1: this needs the archive of Debian 12" && return 1; }
	KERNEL=$1/$package
	# under another name until it is whole, for those who share the cache
	fresh=$1/.$package.$$
	unpack_kernel "$package" "$fresh" && { mv -T "$fresh" "$KERNEL" 2>/dev/null || [[ -e $KERNEL/vmlinuz ]]; }
	local status=$?
	rm -rf "$fresh"
	return $status
}

# ------------------------------------------------------------------ initramfs

# add_libraries FILE ROOT: all in one folder, where the loader looks without being told
add_libraries() {
	local library
	while read -r library; do
		case $library in
		*/ld-linux*) cp -Lu "$library" "$2/lib64/" ;;
		*) cp -Lu "$library" "$2/lib/" ;;
		esac || return
	done < <(ldd "$1" | grep -o '/[^ ]*')
}

# add_program FILE FOLDER ROOT: the program itself where a link leads to it
add_program() {
	cp -L "$1" "$3/$2/" && add_libraries "$1" "$3"
}

add_base() {
	local name file
	mkdir -p "$1"/{bin,sbin,lib,lib64,usr,proc,sys,dev,run,tmp,etc,root,tools} &&
		ln -s ../bin ../sbin ../lib "$1/usr/" || return
	cp "$(command -v busybox)" "$1/bin/busybox" || return
	for name in $(busybox --list | grep -vx busybox); do ln -s busybox "$1/bin/$name" || return; done
	for name in "${PROGRAMS[@]}"; do
		file=$(command -v "$name") || { echo "no program $name" && return 1; }
		rm -f "$1/bin/$name" && add_program "$file" bin "$1" || return
	done
	for name in "${LEGACY[@]}"; do ln -s xtables-legacy-multi "$1/bin/$name" || return; done
	# where the kernel and iptables look for it
	ln -s ../bin/busybox "$1/sbin/modprobe" && cp /etc/protocols /etc/services "$1/etc/" 2>/dev/null
}

# Plug-ins of iptables are found where it was told to look when it was built.
add_plugins() {
	local folder
	folder=$(dirname "$(ldconfig -p | sed -n 's/.*=> \(.*\/libxtables\.so\.12\)$/\1/p' | head -n 1)")/xtables
	mkdir -p "$1$folder" && cp "$folder"/lib{xt,ipt}_*.so "$1$folder/"
}

add_modules() {
	local release
	release=$(ls "$KERNEL/lib/modules") && cp -r "$KERNEL/lib/modules" "$1/lib/" &&
		PATH=$PATH:/sbin:/usr/sbin depmod -b "$1" "$release"
}

# add_build BUILD ROOT: the program, the library and the test programs of a build tree
add_build() {
	local LD_LIBRARY_PATH=$1/libclusterip/.libs tool
	export LD_LIBRARY_PATH
	add_program "$1/examples/cipadm/.libs/cipadm" bin "$2" || return
	for tool in "$1"/tests/netns/*; do
		[[ ! -f $tool || ! -x $tool ]] || add_program "$tool" tools "$2" || return
	done
	[[ -x $2/tools/ask ]]
}

# add_scripts TESTS ROOT SCRIPT...: the tests as they lie in the source tree, and other scripts
add_scripts() {
	mkdir -p "$2/tests/vm" "$2/scripts" && cp -r "$1/netns" "$1/data" "$2/tests/" && cp -r "$1/vm/guest" "$2/tests/vm/" &&
		cp "$1/vm/init" "$2/init" && chmod 755 "$2/init" || return
	(($# < 3)) || cp "${@:3}" "$2/scripts/"
}

# pack ROOT FILE
pack() {
	(cd "$1" && find . | cpio --quiet -o -H newc) | gzip -1 >"$2"
}
