#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Lists of names that are one: what the library exports, what its version script says, what the header declares and
# documents, what the Python binding calls, and what Debian's symbols file promises.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
library=$(built libclusterip.so)
script=$SRC/libclusterip/libclusterip.sym

exported() {
	nm -D --defined-only "$library" | awk '$2 != "A" {sub(/@.*/, "", $3); print $3}' | sort
}

# names of the nodes' global parts
in_script() {
	sed 's,/\*.*\*/,,; s/#.*//' "$script" | awk '
		/local:/ {in_global = 0}
		in_global {gsub(/[;[:space:]]/, "\n"); printf "%s\n", $0}
		/global:/ {in_global = 1; sub(/.*global:/, ""); gsub(/[;[:space:]]/, "\n"); printf "%s\n", $0}
		/}/ {in_global = 0}' | grep -E '^[a-z_0-9]+$' | sort
}

# names whose comment begins "name - " and says since when, and which are declared right behind that comment
documented() {
	awk '
		/^\/\*\*/ {name = ""; since = ""}
		/^ \* cip_[a-z0-9_]+ - ./ && name == "" {name = $2}
		/^ \* Since: [0-9]+\.[0-9]+/ {since = $3}
		/^ \*\// {ready = name != "" && since != "" ? name : ""; next}
		/^[a-z].*\(/ && ready != "" && index($0, ready "(") {print ready; ready = ""}' "$HEADER" | sort
}

bound_in_python() {
	sed -n 's/^ *"\(cip_[a-z0-9_]*\)": (.*/\1/p' "$SRC/bindings/python/clusterip/_prototypes.py" | sort
}

in_debian() {
	sed -n 's/^ \(cip_[a-z0-9_]*@[^ ]*\) .*/\1/p' "$SRC/debian/libclusterip0.symbols" | sort
}

exported_with_versions() {
	nm -D --defined-only "$library" | awk '$2 != "A" {sub(/@@/, "@", $3); print $3}' | sort
}

# returning functions and functions with arguments say so
incomplete_comments() {
	awk '
		/^\/\*\*/ {name = ""; returns = 0; split("", args)}
		/^ \* cip_[a-z0-9_]+ - ./ && name == "" {name = $2}
		/^ \* @[a-z_]+:/ {sub(/:.*/, "", $2); args[substr($2, 2)] = 1}
		/^ \* Returns:/ {returns = 1}
		/^[a-z].*\(/ {text = ""; collecting = 1}
		collecting {text = text " " $0}
		collecting && /;/ {
			collecting = 0
			if (!returns)
				print name ": no Returns:"
			sub(/^[^(]*\(/, "", text)
			sub(/\).*/, "", text)
			count = split(text, parts, ",")
			for (i = 1; i <= count; i++) {
				arg = parts[i]
				gsub(/.*[ *]/, "", arg)
				if (arg != "void" && !(arg in args))
					print name ": @" arg " is not explained"
			}
		}' "$HEADER"
}

# same WHAT LIST: the list is the one of declared names
same() {
	local differences
	differences=$(diff <(declared) <(printf '%s\n' "$2")) && ok "$1: $(wc -l <<<"$2") names" && return
	not_ok "$1: $(wc -l <<<"$2") names, not the header's $(declared | wc -l) (<)" "$differences"
}

if [[ ! -e $library ]]; then
	not_ok "the library is not built: $library"
	finish
fi
is "the header declares something" $(($(declared | wc -l) >= 50)) 1
is "the header declares nothing twice" "$(declared | uniq -d)" ""
same "exported by the library" "$(exported)"
same "listed in libclusterip.sym" "$(in_script)"
same "documented in the header, with Since:" "$(documented)"
same "bound in Python" "$(bound_in_python)"
same "in Debian's symbols file" "$(in_debian | sed 's/@.*//')"
is "Debian's symbols file has their versions" "$(diff <(exported_with_versions) <(in_debian))" ""
is "comments explain every argument and result" "$(incomplete_comments)" ""
is "nothing but cip_ is exported" "$(exported | grep -v '^cip_')" ""
is "every exported name has a version" "$(nm -D --defined-only "$library" | awk '$2 == "T" && $3 !~ /@@/ {print $3}')" ""
finish
