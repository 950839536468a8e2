#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# A ledger goes out as lines and comes back the same.  Run in the build root, or
# with the programs milterctl and fill as arguments.  DOCUMENTS: how many, each
# with three receipts.
set -u
absolute() { echo "$(cd "$(dirname "$1")" && pwd)/$(basename "$1")"; }
ctl=$(absolute "${1:-./milterctl}")
fill=$(absolute "${2:-t/ctl/fill}")
documents=${DOCUMENTS:-3334}
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 99
umask 022
bad=0

for name in first second third; do
	mkdir "$name"
	printf '%s\n' "ledger = $work/$name" "control = $work/control" \
	    "policy = $work" >"$name.conf"
done

# check STATUS SENTENCE ARGUMENTS...: run milterctl, keep its output in out, err.
check() {
	wanted=$1 sentence=$2
	shift 2
	"$ctl" "$@" >out 2>err </dev/null
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

# same FILE FILE SENTENCE
same() {
	cmp "$1" "$2" && return
	echo "not so: $3"
	bad=1
}

for verb in export import; do
	check 0 "$verb has help with an example" $verb --help
	says out "example:"
	[ "$(wc -l <out)" -le 24 ] || { echo "not so: help of $verb fits a screen"; bad=1; }
done
check 3 "a ledger that is not there cannot be exported" -c first.conf export
check 2 "export takes no operand" -c first.conf export file
check 2 "import needs a file" -c first.conf import
check 3 "a file that is not there cannot be imported" -c first.conf import none.jsonl

"$fill" first "$documents" || { echo "not so: the ledger is filled"; exit 1; }
check 0 "a ledger is exported into a new file" -c first.conf export --output first.jsonl
check 3 "a file that is there is not replaced" -c first.conf export --output first.jsonl
says err "File exists"
check 0 "or to the standard output" -c first.conf export
same out first.jsonl "both ways are the same"
python3 - "$documents" <<'END' || { echo "not so: an export has every record"; bad=1; }
import collections, json, sys
lines = [json.loads(line) for line in open("first.jsonl", encoding="utf-8")]
kinds = collections.Counter(line["type"] for line in lines)
n = int(sys.argv[1])
assert lines[0] == {"type": "vanthu-ledger", "version": 1}, lines[0]
assert lines[-1] == {"type": "end", "records": len(lines) - 2}, lines[-1]
assert kinds["document"] == n + 1 and kinds["recipient"] == 3 * n + 1, kinds
assert kinds["evidence"] > 9 * n and kinds["followed"] == 1, kinds
assert any(line.get("sender") == {"hex": b"v\xff,p@moet.edu.vn".hex()}
           for line in lines)
END

check 0 "an export is imported into an empty ledger" -c second.conf import first.jsonl
says out "new or changed: $((documents + 1)) documents, $((3 * documents + 1)) recipients"
check 0 "and exported again" -c second.conf export --output second.jsonl
same first.jsonl second.jsonl "export, import, export is the same to the byte"
check 0 "twice is once" -c second.conf import first.jsonl
says out "new or changed: 0 documents, 0 recipients, 0 evidence, 0 followed"
"$ctl" -c first.conf receipts --format csv >first.csv 2>err
"$ctl" -c second.conf receipts --format csv >second.csv 2>err
same first.csv second.csv "receipts are the same"
for unit in H26 G03.15; do
	"$ctl" -c first.conf receipts --format csv --unit $unit --overdue >first.csv 2>err
	"$ctl" -c second.conf receipts --format csv --unit $unit --overdue >second.csv 2>err
	[ "$(wc -l <first.csv)" -gt 10 ] || { echo "not so: something is overdue"; bad=1; }
	same first.csv second.csv "what is overdue is the same"
done

# Two halves, the later one first, come together.
if [ "$documents" -le 10000 ]; then
	half=$(($(wc -l <first.jsonl) / 2))
	{ sed -n 1p first.jsonl; sed -n "$((half + 1)),\$p" first.jsonl; } >late.jsonl
	check 1 "a part is told to be one" -c third.conf import late.jsonl
	says err "some are missing"
	check 1 "an empty standard input is told" -c third.conf import -
	sed "$half,\$d" first.jsonl >early.jsonl
	check 1 "a file that was cut is told" -c third.conf import early.jsonl
	says err "early.jsonl:$half:1: the last line is missing"
	check 0 "the whole mends it" -c third.conf import first.jsonl
	check 0 "and it is exported" -c third.conf export --output third.jsonl
	same first.jsonl third.jsonl "order does not matter"
fi

# faulty LINE COLUMN TEXT SED...: that edit of the export is told there.
faulty() {
	line=$1 column=$2 text=$3
	shift 3
	sed "$@" first.jsonl | head -n 40 >bad.jsonl
	check 1 "a fault is told with its place" -c third.conf import bad.jsonl
	says err "bad.jsonl:$line:$column: $text"
}
faulty 1 1 "this is not what milterctl export writes" -e 1d
faulty 1 1 "version 2 of the format is not known" -e '1s/1}/2}/'
faulty 2 20 "'id' has to be a document ID" -e '2s/"id":"[^"]*"/"id":"0"/'
faulty 2 20 "unknown member 'idd' (did you mean 'id'?)" -e '2s/"id":/"idd":/'
faulty 3 1 "member 'address' is missing" -e '3s/"address":"[^"]*",//'
faulty 4 2 "a line has no type 'proof'" -e '4s/evidence/proof/'
faulty 2 18 "" -e '2s/,"id".*//'
faulty 2 1 "an object with the member 'type' is needed" -e '2s/.*/[]/'
printf '' >empty.jsonl
check 1 "an empty file is told" -c third.conf import empty.jsonl
says err "empty.jsonl:1:1: the last line is missing"
exec 9<>third/daemon.lock
if command -v flock >/dev/null && flock -n 9; then
	check 3 "while somebody else holds the lock nothing is written" -c third.conf import first.jsonl
	says err "daemon.lock"
fi
[ $bad -eq 0 ] && echo "$documents documents went out and came back"
exit $bad
