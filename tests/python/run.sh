#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The Python binding: is it made from the header as it is, do the checkers find nothing, does pip install it, and what do
# its tests say on a real kernel, in a network namespace of their own. SRC is the top of the sources, BUILD that of the
# build, which has the programs of tests/netns.

# shellcheck disable=SC2317 # called by works
# shellcheck source=../tally.sh
. "$SRC/tests/tally.sh"
BINDING=$SRC/bindings/python
TESTS=$SRC/tests/python
# a test of the kernel that works through the binding
PLANS=$SRC/tests/netns/plans
# Debian's, which has the modules; another one may stand before it in PATH
PYTHON=/usr/bin/python3
work=$(mktemp -d) || exit 1
# the namespace of the tests, which has a name for the programs that enter it
NETNS=cip-python-$$

clean_up() {
	[[ ! -e /run/netns/$NETNS ]] || ip netns del "$NETNS"
	rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
export PYTHONPATH=$BINDING PYTHONDONTWRITEBYTECODE=1 MYPYPATH=$BINDING
export LIBCLUSTERIP=$BUILD/libclusterip/.libs/libclusterip.so.0
export EXAMPLES=$BINDING/examples TOOLS=$BUILD/tests/netns CIPADM=$BUILD/examples/cipadm/cipadm
export SYMBOLS=$SRC/libclusterip/libclusterip.sym VECTORS=$SRC/tests/data/clusterip-kernel-6.1.tsv

is_up_to_date() {
	"$PYTHON" "$BINDING/generate.py" "$SRC/include/clusterip/clusterip.h" | diff - "$BINDING/clusterip/_prototypes.py"
}

check_types() {
	cd "$TESTS" && "$PYTHON" -m mypy --strict --cache-dir="$work/mypy" "$BINDING/clusterip" "$BINDING/generate.py" ./*.py &&
		"$PYTHON" -m mypy --strict --cache-dir="$work/mypy" --scripts-are-modules "$EXAMPLES"/*.py &&
		cd "$PLANS" && "$PYTHON" -m mypy --strict --cache-dir="$work/mypy" ./*.py
}

# run_tests: one line for each test, and what the binding's coverage is
run_tests() {
	local how=(unshare -rn) line
	if ((!EUID)) && ip netns add "$NETNS"; then how=(env NETNS="$NETNS" ip netns exec "$NETNS"); fi
	(cd "$TESTS" && "${how[@]}" "$PYTHON" -m coverage run --data-file="$work/coverage" \
		--source="$BINDING/clusterip" -m pytest -p no:cacheprovider -v --tb=short .) >"$work/log" 2>&1
	while IFS= read -r line; do
		case $line in
		*::*' PASSED '*) ok "${line%% PASSED*}" ;;
		*::*' SKIPPED '*) SKIPPED=$((SKIPPED + 1)) ;;
		*::*' FAILED '* | *::*' ERROR '*) not_ok "$line" ;;
		esac
	done <"$work/log"
	((PASSED > 20 && !FAILED)) || not_ok "tests of the binding" "$(tail -n 60 "$work/log")"
	works "every line of the binding is run" "$PYTHON" -m coverage report --data-file="$work/coverage" -m --fail-under=100
}

# what pip makes of a copy, for it writes into the sources
install_with_pip() {
	cp -R "$BINDING" "$work/copy" && chmod -R u+w "$work/copy" &&
		"$PYTHON" -m pip install --quiet --no-index --no-build-isolation --no-deps --no-cache-dir --root-user-action ignore \
			--target "$work/site" "$work/copy"
}

# installed VARIABLE=VALUE...: version of package and library, with no other way to find the library
installed() {
	(cd "$work" && env -u LIBCLUSTERIP PYTHONPATH="$work/site" "$@" "$PYTHON" -c 'import importlib.metadata, clusterip
print(clusterip.__file__, importlib.metadata.version("clusterip"), clusterip.version())' 2>&1 | tail -n 1)
}

test_pip() {
	local version folder=$BUILD/libclusterip/.libs
	version=$(sed -n 's/^AC_INIT(\[[^]]*\], \[\([^]]*\)\].*/\1/p' "$SRC/configure.ac")
	works "pip installs from the sources, without network" install_with_pip
	is "the package has the library's version, and finds it by its soname" "$(installed LD_LIBRARY_PATH="$folder")" \
		"$work/site/clusterip/__init__.py $version $version"
	is "and where the variable says" "$(installed LIBCLUSTERIP="$folder/libclusterip.so.0")" \
		"$work/site/clusterip/__init__.py $version $version"
	is "and says which file it has not found" "$(installed LIBCLUSTERIP=/nowhere/lib.so | grep -c /nowhere/lib.so)" 1
	works "its types are for users, too" test -e "$work/site/clusterip/py.typed"
}

run_tests
test_pip
run_scripts "$TESTS/nodes.sh"
works "prototypes are those of the header" is_up_to_date
works "mypy --strict" check_types
works "flake8" flake8 "$BINDING" "$TESTS" "$PLANS"
finish
