#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The daemon's policy by its control socket: breaking the glass, reloads and what
# they say, and the last good policy after a restart.  Run in the build root.
set -u
build=$(pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/vanthu-shadow.XXXXXX") || exit 1
failed=0 pid=

ctl() {
	"$build/milterctl" -c "$work/conf" "$@"
}

start() {
	"$build/milterd" -f -c "$work/conf" >>"$work/log" 2>&1 &
	pid=$!
	tries=0
	until ctl status >/dev/null 2>&1; do
		tries=$((tries + 1))
		if [ "$tries" -gt 600 ] || ! kill -0 "$pid" 2>/dev/null; then
			cat "$work/log"
			return 1
		fi
		sleep 0.05
	done
}

stop() {
	[ -n "$pid" ] || return 0
	kill "$pid" 2>/dev/null
	wait "$pid" 2>/dev/null
	pid=
}

trap 'stop; rm -rf "$work"' EXIT

# expect STATUS TEXT COMMAND...: it ends so and says so
expect() {
	wanted=$1 text=$2
	shift 2
	said=$("$@" 2>&1)
	status=$?
	if [ "$status" -ne "$wanted" ] || ! printf '%s\n' "$said" | grep -qF -- "$text"; then
		printf 'failed: %s: status %s, wanted %s with "%s": %s\n' "$*" "$status" \
		    "$wanted" "$text" "$said"
		failed=$((failed + 1))
	fi
}

mkdir "$work/policy"
cat >"$work/good" <<'EOF'
ministry { domain moet.edu.vn network 127.0.0.0/8 login * }
rule secrecy-mark {
    says  "A mark of secrecy"
    basis "A law"
    if    text ~ /^MẬT$/m
    reject
}
EOF
cp "$work/good" "$work/policy/a.policy"
chmod 644 "$work/policy/a.policy"
group=$(id -gn)
cat >"$work/conf" <<EOF
socket = unix:$work/milter
socket_group = $group
control = $work/control
ledger = $work/ledger
spool = $work/spool
keys = $work/keys
policy = $work/policy
user = $(id -un)
group = $group
hostname = mx.moet.test
EOF
cat >"$work/letter" <<'EOF'
From: vp@moet.edu.vn
Subject: x
Content-Type: text/plain; charset=utf-8

MẬT
EOF

printf 'rule half {\n' >"$work/policy/b.policy"
expect 1 "rule 'half' is missing" "$build/milterd" -f -c "$work/conf"
rm "$work/policy/b.policy"
start || exit 1
explain="ctl policy explain $work/letter --sender vp@moet.edu.vn --recipient b@x.vn"
expect 0 "verdict  reject" $explain
expect 0 "secrecy-mark: A mark of secrecy; A law" $explain
expect 0 '"says":"A mark of secrecy","basis":"A law"' $explain --format json
expect 1 "did you mean 'secrecy-mark'?" ctl policy shadow secrecy-mrak --for 2h
expect 1 "at most 30 days" ctl policy shadow secrecy-mark --for 31d
expect 2 "--for is needed" ctl policy shadow secrecy-mark
expect 2 "is no duration" ctl policy shadow secrecy-mark --for long
expect 0 "is in shadow until" ctl policy shadow secrecy-mark --for 2h --note "by phone"
expect 0 "by phone" ctl status
expect 0 "verdict  accept" $explain
expect 0 '"shadow":true' $explain --format json
expect 0 "verdict  reject" $explain --policy "$work/policy"
stop
start || exit 1
expect 0 '"shadowed":[{"rule":"secrecy-mark"' ctl status --format json
expect 0 "does again what the policy says" ctl policy unshadow secrecy-mark
expect 1 "nobody has put" ctl policy shadow secrecy-mark --for 0
expect 0 '"shadowed":[]' ctl status --format json
expect 0 "verdict  reject" $explain
grep -q "event=rule-shadowed rule=secrecy-mark .*operator=$(id -un) note=\"by phone\"" "$work/log" ||
    { echo "failed: the log does not say who"; failed=$((failed + 1)); }

printf 'rule more { if subject ~ /x/ note }\n' >>"$work/policy/a.policy"
expect 0 "1 rule added (more)" ctl reload
expect 0 "nothing changed" ctl reload
printf 'rule half {\n' >>"$work/policy/a.policy"
expect 1 "the old policy stays" ctl reload
expect 0 "rule 'half' is missing" ctl status
stop
start || exit 1
expect 0 '"rules":2' ctl status --format json
expect 0 "rule 'half' is missing" ctl status
expect 1 "rule 'half' is missing" "$build/milterd" -n -c "$work/conf"
grep -q 'event=policy-broken .*in_force="the last good policy"' "$work/log" ||
    { echo "failed: the log does not say that the last good policy is in force"; failed=$((failed + 1)); }
cp "$work/good" "$work/policy/a.policy"
expect 0 "1 rule removed (more)" ctl reload
expect 0 '"policy_broken":null' ctl status --format json
[ "$failed" -eq 0 ]
