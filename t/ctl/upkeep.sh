#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# prune, verify and backup of a ledger that nobody holds.  Run in the build root,
# or with the programs milterctl and fill as arguments.
set -u
absolute() { echo "$(cd "$(dirname "$1")" && pwd)/$(basename "$1")"; }
ctl=$(absolute "${1:-./milterctl}")
fill=$(absolute "${2:-t/ctl/fill}")
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 99
umask 022
bad=0

# check STATUS SENTENCE ARGUMENTS...: run milterctl, keep its output in out, err.
check() {
	wanted=$1 sentence=$2
	shift 2
	"$ctl" -c vanthu.conf "$@" >out 2>err </dev/null
	got=$?
	[ $got -eq "$wanted" ] && return
	echo "not so: $sentence (exit $got, not $wanted)"
	tail -n 5 out err
	bad=1
}

# says FILE TEXT: the last output or error holds it.
says() {
	grep -qF -e "$2" "$1" && return
	echo "not so: $sentence ('$2' is not in $1)"
	tail -n 5 "$1"
	bad=1
}

# so SENTENCE COMMAND...
so() {
	sentence=$1
	shift
	"$@" >out 2>&1 && return
	echo "not so: $sentence"
	head -n 5 out
	bad=1
}

printf '%s\n' "ledger = $work/ledger" "control = $work/control" \
    "policy = $work/policy" "keys = $work/keys" >vanthu.conf
mkdir ledger policy policy/lists
echo 'ministry { domain moet.edu.vn }' >policy/a.policy
echo a@x.vn >policy/lists/some
for verb in prune verify backup; do
	check 0 "$verb has help with an example" $verb --help
	says out "example:"
	[ "$(wc -l <out)" -le 24 ] || { echo "not so: help of $verb fits a screen"; bad=1; }
done
check 3 "a ledger that is not there cannot be verified" verify
check 3 "nor pruned" prune --dry-run
check 3 "nor backed up" backup backup
check 2 "a time must be one" prune --before soon
check 2 "backup needs a folder" backup

# 400 documents of November 2007 at three recipients each, and one of strangers.
"$fill" ledger 400 || { echo "not so: the ledger is filled"; exit 1; }
check 0 "a ledger that the writer made is whole" verify
says out "401 documents, 1201 recipients"
says out ": 0 faults"

# backup
so "a backup that failed leaves nothing" test ! -e backup.part
check 0 "a backup is made" backup backup
says out "$work/keys"
so "it has the ledger alone of LMDB's files" test "$(ls backup/ledger)" = data.mdb
so "it has the policy" diff -r policy backup/policy
so "it has the configuration" cmp vanthu.conf backup/vanthu.conf
so "nothing of it is the world's" test -z "$(find backup -perm /007)"
so "nothing half is left" test ! -e backup.part
check 3 "what is there is not replaced" backup backup
says err "replaces nothing"
mkdir unfinished.part
check 3 "what another made half is not touched" backup unfinished
check 0 "the ledger is exported" export --output whole.jsonl
mkdir saved
cp backup/ledger/data.mdb saved/
sed "s|$work/ledger|$work/saved|" vanthu.conf >saved.conf
"$ctl" -c saved.conf export --output saved.jsonl && cmp whole.jsonl saved.jsonl ||
    { echo "not so: a backup is the ledger"; bad=1; }
"$ctl" -c saved.conf verify >out || { echo "not so: a backup is whole"; bad=1; }

# prune --recipient
who=u1@x1.edu.vn
check 0 "somebody has receipts" receipts --to $who --format csv
rows=$(($(wc -l <out) - 1))
[ $rows -gt 0 ] || { echo "not so: $sentence"; bad=1; }
check 0 "units before" units --format csv
cp out units.csv
check 0 "a dry run says how much it would be" prune --recipient $who --dry-run
says out "would be erased: 0 documents, $rows recipients"
check 0 "a dry run changes nothing" export --output same.jsonl
so "a dry run changes nothing" cmp whole.jsonl same.jsonl
check 0 "a person is erased" prune --recipient U1@X1.edu.vn
says out "erased: 0 documents, $rows recipients"
check 1 "nothing is found of that person" receipts --to $who
check 1 "nor erased twice" prune --recipient $who
check 0 "no byte of the export names that person" export --output erased.jsonl
so "no byte of the export names that person" sh -c "! grep -q '$who' erased.jsonl"
check 0 "counts stay" units --format csv
cp out after.csv
so "counts stay" diff units.csv after.csv
check 0 "and the ledger is whole" verify
check 0 "states stay" receipts --format json
python3 - whole.jsonl erased.jsonl $rows <<'END' || { echo "not so: all that happened stays"; bad=1; }
import collections, json, sys
def facts(path):
    lines = [json.loads(line) for line in open(path, encoding="utf-8")]
    return collections.Counter(
        (line["id"], line["source"], line["code"], line["trust"],
         line["claimed_ms"], line["seen_ms"])
        for line in lines if line["type"] == "evidence"), lines
before, _ = facts(sys.argv[1])
after, lines = facts(sys.argv[2])
assert before == after
gone = [line for line in lines if line["type"] == "recipient"
        and str(line["address"]).endswith("@erased.invalid")]
assert len(gone) == int(sys.argv[3]), len(gone)
assert len(set(line["address"] for line in gone)) == len(gone)
names = set(line["address"] for line in gone)
words = [line for line in lines if line["type"] == "evidence"
         and line["address"] in names]
assert words and not any(w["reporter"] or w["reason"] for w in words)
END

# prune --before
check 0 "what is older than a day is counted" prune --before 2007-11-11 --dry-run --format json
python3 -c 'import json; x = json.load(open("out")); assert 100 < x["documents"] < 200 and x["recipients"] >= 3 * x["documents"] - 3 and x["dry_run"]' ||
    { echo "not so: $sentence"; bad=1; }
check 0 "what is old goes" prune --before 2007-11-11
check 1 "nothing of it is left" receipts --until 2007-11-11
check 0 "what is newer stays" receipts --since 2007-11-11
check 0 "and the ledger is whole" verify
says out ": 0 faults"
check 0 "what is left is exported" export --output rest.jsonl
so "what is left was there before" sh -c \
    "grep -v '\"type\":\"end\"' rest.jsonl | sort >rest; sort erased.jsonl >all; ! comm -23 rest all | grep ."
check 0 "older than the retention is everything" prune
check 1 "nothing is left" receipts
check 0 "an empty ledger is whole" verify
says out "0 documents, 0 recipients, 0 evidence"
check 0 "to prune nothing is fine" prune

# verify tells
head -c 100000 saved/data.mdb >cut && cp cut saved/data.mdb
"$ctl" -c saved.conf verify >out 2>err && { echo "not so: a file that was cut is told"; bad=1; }
sentence="a file that was cut is told"
says err "cut"
[ $bad -eq 0 ] && echo "the ledger is kept up"
exit $bad
