# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Completion of what cipadm is told, for bash-completion. Verbs, words and options are those that its help names, so
# there is no list of them here; what can stand for IF, LIST and so on is said below.
#
# Variables of _cipadm(), which its helpers see:
#   before    options before the verb that others need, too
#   wanted    what the verb wants without a word before it, such as ADDRESS; what was typed is taken away
#   takes     its words, and what follows each, nothing for those like noaddr; likewise
#   given     what was typed, for example for ADDRESS, or behind total

# cluster IPs as lines for "cipadm create"; none for those who may not see them
_cipadm_dump() {
	"${words[0]}" "${before[@]}" dump 2>/dev/null
}

_cipadm_verbs() {
	"${words[0]}" --help | awk '/^Options/ {exit} /^  [a-z]/ {print $1}'
}

# _cipadm_options [PATTERN]: the options before the verb, all or those that want a value like that
_cipadm_options() {
	"${words[0]}" --help | awk -v value="${1-.}" '/^  -/ && $3 ~ value {sub(/,/, ""); print $1; print $2}'
}

_cipadm_devices() {
	local in_netns=()
	[[ ! ${given[netns]-} ]] || in_netns=(-n "${given[netns]}")
	ip "${in_netns[@]}" -o link show 2>/dev/null | awk '{sub(/[@:].*/, "", $2); print $2}'
}

# _cipadm_choices WORD: from "  WORD    ..., ... or ...", which may go on in another line, of the help
_cipadm_choices() {
	"${words[0]}" --help | awk -v word="$1" '
		/^  [A-Z]/ {here = $1 == word; $1 = ""}
		!NF {here = 0}
		here {gsub(/;.*|,| or /, " "); for (i = 1; i <= NF; i++) print $i}'
}

# _cipadm_buckets TYPED: those that can be added are not local, those that can be deleted are; not those typed before
_cipadm_buckets() {
	[[ $1 ]] || printf '%s\n' all none
	local total here
	{ read -r total; read -r here; } < \
		<("${words[0]}" "${before[@]}" get total,buckets "${given[ADDRESS]%/*}" 2>/dev/null)
	awk -v here="$here" -v total="${given[total]:-$total}" -v verb="${given[choice]-set}" -v typed="$1" '
		function expand(list, set, parts, ends, i, bucket) {
			for (i = split(list, parts, ","); i > 0; i--) {
				split(parts[i] "-" parts[i], ends, "-")
				for (bucket = ends[1] + 0; bucket <= ends[2] + 0; bucket++)
					set[bucket]
			}
		}
		BEGIN {
			expand(typed, before)
			expand(here, local)
			for (i = 1; i <= total; i++)
				if (!(i in before) && (verb == "set" || (verb == "del") == (i in local)))
					print i
		}'
}

# _cipadm_values WHAT: what can stand for ADDRESS and so on
_cipadm_values() {
	case $1 in
	ADDRESS/PREFIX) _cipadm_dump | cut -d' ' -f1 ;;
	ADDRESS*) _cipadm_dump | sed 's,[/ ].*,,' ;;
	IF) _cipadm_devices ;;
	MODE) _cipadm_choices "$1" ;;
	PROTO) printf '%s\n' tcp udp sctp dccp udplite esp ah icmp ;;
	VERB) _cipadm_verbs ;;
	[[:lower:]]*\|*) printf '%s\n' "${1//|/$'\n'}" ;;
	esac
}

# _cipadm_reply TYPED [BEFORE]: those words of the input that begin like that, behind what is there already
_cipadm_reply() {
	local word
	while read -r word; do
		[[ $word == "$1"* ]] || continue
		printf -v word '%s%q' "${2-}" "$word"
		COMPREPLY+=("$word")
	done
	__ltrim_colon_completions "$cur"
}

# _cipadm_complete WHAT
_cipadm_complete() {
	local typed=
	case $1 in
	FILE* | PATH)
		_filedir
		;;
	FIELDS)
		[[ $cur != *,* ]] || typed=${cur%,*},
		_cipadm_reply "${cur##*,}" "$typed" < <(_cipadm_choices "$1" | grep -vxFf <(printf '%s\n' "${typed//,/$'\n'}"))
		;;
	LIST)
		[[ $cur != *,* ]] || typed=${cur%,*},
		[[ $cur != [0-9]* ]] || compopt -o nospace 2>/dev/null
		_cipadm_reply "${cur##*,}" "$typed" < <(_cipadm_buckets "$typed")
		;;
	*)
		_cipadm_reply "$cur" < <(_cipadm_values "$1")
		;;
	esac
}

# _cipadm_option_value OPTION
_cipadm_option_value() {
	case $1 in
	-n | --netns) _cipadm_reply "$cur" < <(ls /run/netns 2>/dev/null) ;;
	-b | --backend) _cipadm_reply "$cur" <<<$'auto\nnft\nclusterip' ;;
	esac
}

# _cipadm_read_usage VERB: sets wanted and takes
_cipadm_read_usage() {
	local usage word bare keyword=
	read -ra usage < <("${words[0]}" "$1" --help 2>/dev/null | sed -n '1{s/.*\.\.\. [a-z-]*//;s,\[/PREFIX\],/PREFIX,;p;}')
	for word in "${usage[@]}"; do
		bare=${word//[][]/}
		case $bare in
		\|) ;;
		[[:upper:]]* | [[:lower:]]*\|*)
			if [[ $keyword ]]; then takes[$keyword]=$bare; else wanted+=("$bare"); fi
			keyword=
			;;
		*)
			bare=${bare%%=*}
			takes[$bare]=
			# what is in brackets alone has nothing behind it
			keyword=$bare
			[[ $word != *"]" ]] || keyword=
			;;
		esac
	done
}

# _cipadm_take WORD: one that stands for the next of what is wanted
_cipadm_take() {
	case ${wanted[0]-} in
	ADDRESS*) given[ADDRESS]=$1 ;;
	[[:lower:]]*\|*) given[choice]=$1 ;;
	esac
	[[ ${wanted[0]-} == *... ]] || wanted=("${wanted[@]:1}")
}

# Words of the verb that are left; behind its address, where it wants one, and options only where one is begun.
_cipadm_words() {
	local word
	for word in "${!takes[@]}" --help; do
		case $word in
		-*) [[ $cur != -* ]] || echo "$word" ;;
		*) [[ ${wanted[0]-} == @(ADDRESS|FIELDS)* || ${wanted[0]-} == [[:lower:]]*\|* ]] || echo "$word" ;;
		esac
	done
}

# _cipadm_verb INDEX: completes what is behind the verb at that place
_cipadm_verb() {
	local i word wanted=()
	local -A takes=()
	_cipadm_read_usage "${words[$1]}"
	for ((i = $1 + 1; i < cword; i++)); do
		word=${words[i]}
		if [[ ! ${takes[$word]+known} ]]; then
			_cipadm_take "$word"
			continue
		fi
		if [[ ${takes[$word]} ]] && ((++i == cword)); then
			_cipadm_complete "${takes[$word]}"
			return
		fi
		given[$word]=${words[i]}
		unset "takes[$word]"
	done
	[[ ! ${wanted[0]-} ]] || _cipadm_complete "${wanted[0]}"
	_cipadm_reply "$cur" < <(_cipadm_words)
}

# _cipadm_option OPTION VALUE: remembers what cluster IPs and devices depend on
_cipadm_option() {
	case $1 in
	-n | --netns) given[netns]=$2 ;;
	-b | --backend) ;;
	*) return ;;
	esac
	before+=("$1" "$2")
}

_cipadm() {
	# shellcheck disable=SC2034 # _init_completion sets prev, too
	local cur prev words cword i word before=()
	local -A given=([ADDRESS]="")
	_init_completion -n := || return
	for ((i = 1; i < cword; i++)); do
		word=${words[i]}
		if [[ $word != -* ]]; then
			_cipadm_verb "$i"
			return
		elif [[ $word == --*=* ]]; then
			_cipadm_option "${word%%=*}" "${word#*=}"
		elif _cipadm_options '^[A-Z]+$' | grep -qxe "$word"; then
			if ((++i == cword)); then
				_cipadm_option_value "$word"
				return
			fi
			_cipadm_option "$word" "${words[i]}"
		fi
	done
	if [[ $cur == --*=* ]]; then
		word=${cur%%=*}
		cur=${cur#*=}
		_cipadm_option_value "$word"
	elif [[ $cur == -* ]]; then
		_cipadm_reply "$cur" < <(_cipadm_options)
	else
		_cipadm_reply "$cur" < <(_cipadm_verbs)
	fi
} &&
	complete -F _cipadm cipadm
