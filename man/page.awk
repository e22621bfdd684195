# SPDX-License-Identifier: GPL-2.0-or-later
# A page of doxygen's in the form of the other pages: the names of its functions in NAME, the include in SYNOPSIS, each
# errno on a line of its own, and what lint has nothing to say about. DATE is the date of the page.

# put LINE: adds to the page, behind a new paragraph if one is due and has anything in it
function put(line) {
	if (paragraph && line !~ /^\.S/ && last !~ /^\.S/)
		page = page ".PP\n"
	paragraph = 0
	last = line
	page = page line "\n"
}

# plain LINE: text whose hyphens are those of options, errnos and words to be typed
function plain(line) {
	gsub(/-/, "\\-", line)
	gsub(/``/, "\\(lq", line)
	gsub(/''/, "\\(rq", line)
	gsub(/\\fC/, "\\fI", line)
	gsub(/cip_[a-z0-9_]+\(\)/, "\\fB&", line)
	gsub(/\(\)/, "\\fP()", line)
	sub(/^'/, "\\(aq", line)
	sub(/ +$/, "", line)
	return line
}

/^\.TH/ {
	title = $2
	next
}
/^\.SH NAME/ {
	getline purpose
	sub(/.* \\- /, "", purpose)
	next
}
/^\.SH SYNOPSIS/ {
	body = 1
	put($0)
	put(".B #include <clusterip/clusterip.h>")
	getline # a .br
	next
}
# all that there is to say of constants stands in SYNOPSIS
/^\.SH "(Author|Macro)/ {
	exit
}
!body || /^$/ || /^\.SS "(Functions|Macros)"/ {
	next
}

/^\.PP/ {
	paragraph = 1
	next
}
/^\.SH "Detailed/ {
	put(".SH DESCRIPTION")
	next
}
/^\.SH "Function/ {
	put(".SH FUNCTIONS")
	next
}
/^\.RI ".*\\fBcip_/ {
	name = $0
	gsub(/.*\\fB|\\fP.*/, "", name)
	names = names ", " name
	sub(/"$/, ";\"")
}
/^\.RI ".*\\fB/ || /^\.SS/ {
	gsub(/\* /, "*")
	sub(/ \(/, "(")
	put($0)
	next
}
/^\.RI/ {
	put(plain($0))
	next
}

/^\\fBErrors/ {
	getline # .RS
	getline errors
	getline # .RE
	next
}
/^\\fBSince/ {
	getline # .RS
	getline
	put("Since " $0)
	getline # .RE
	next
}
/^\\fBParameters/ {
	put($0)
	getline # .RS
	put($0)
	put(".PD 0")
	next
}
/^\\fI.*\\fP / {
	put(".TP 12")
	match($0, /\\fP /)
	put(substr($0, 1, RSTART + 2))
	put(plain(substr($0, RSTART + 4)))
	getline # .br, or .RE behind the last one
	if (/^\.RE/) {
		put(".PD")
		put($0)
	}
	next
}
/^\\fBReturns/ {
	put($0)
	getline # .RS
	put($0)
	getline
	if (gsub(/[,;]( or)? -E/, "\n.br\n-E"))
		sub(/\\&\. *$/, "")
}
{
	put(/^\./ ? $0 : plain($0))
}

END {
	print ".\\\" SPDX-License-Identifier: GPL-2.0-or-later\n.\\\" Made from clusterip.h. Do not edit."
	print ".TH " title " 3 \"" DATE "\" libclusterip\n.ad l\n.nh"
	print ".SH NAME\n" substr(title, 2, length(title) - 2) names " \\- " purpose
	sub(/\.SH DESCRIPTION\n\.SH/, ".SH", page)
	printf "%s", page
	if (page ~ /\n\\-E/) {
		sub(/-ENOMEM\\&\./, "-ENOMEM out of memory\n.PP\n.PD\n", errors)
		gsub(/;? ?-E[A-Z]+ /, "\n.TP 20\n&\n", errors)
		gsub(/ *\n;? */, "\n", errors)
		print ".SH ERRORS\nWhat a function lists without a cause:\n.PP\n.PD 0" plain(errors)
	}
	print ".SH SEE ALSO\n.BR libclusterip (3),\n.BR cipadm (8)"
}
