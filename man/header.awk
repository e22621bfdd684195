# SPDX-License-Identifier: GPL-2.0-or-later
# clusterip.h in the words of doxygen: its INPUT_FILTER, see Doxyfile.

# what errors mean unless a function says otherwise
/^ \*   - -EINVAL/,/answered\.$/ {
	errors = errors "\n" $0
	sub(/\*   - /, "* ", errors)
}

# a heading begins a group, which is a page of that name
/^\/\* ----* .* \*\/$/ {
	gsub(/^\/\* -* | \*\/$/, "")
	group = "cip-" tolower($0)
	gsub(/ /, "-", group)
	print "/** @defgroup " group " " $0 "\n * @par Errors" errors "\n */"
	next
}

!group {
	print
	next
}

# any comment but one on a function is about the whole group
/^\/\*\*$/ {$0 = "/** @ingroup " group}
/^\/\* |^\/\*$/ {sub(/^\/\*/, "/** @addtogroup " group "\n *")}

/^#define CIP_/ {
	sub(/\/\* /, "/**< @brief ")
	print "/** @addtogroup " group "\n * @{ */"
	print
	print "/** @} */"
	next
}

# doxygen makes single quotes of double ones
function quote() {
	gsub(/'"'/, "'\\&quot;'")
	while (match($0, /"[^"]*"/))
		$0 = substr($0, 1, RSTART - 1) "&ldquo;" substr($0, RSTART + 1, RLENGTH - 2) "&rdquo;" \
			substr($0, RSTART + RLENGTH)
}

/^ \*/ {
	gsub(/@/, "@p ")
	if ($0 ~ /^ \* @p [a-z_]+: /) {
		sub(/@p/, "@param")
		sub(/:/, "")
	}
	if (sub(/^ \* cip_[a-z0-9_]+ - /, ""))
		$0 = " * @brief " toupper(substr($0, 1, 1)) substr($0, 2)
	sub(/^ \* Returns:/, " * @return")
	sub(/^ \* Since:/, " * @since")
	quote()
}

{print}
