#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# What milterctl says and how it exits, of all that needs no daemon.  Run in the
# build root, or with the programs milterctl and fill as arguments.
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
	"$ctl" "$@" >out 2>err </dev/null
	got=$?
	[ $got -eq "$wanted" ] && return
	echo "not so: $sentence (exit $got, not $wanted)"
	cat out err
	bad=1
}

# says FILE TEXT: the last output or error holds it.
says() {
	grep -qF -e "$2" "$1" && return
	echo "not so: $sentence ('$2' is not in $1)"
	cat "$1"
	bad=1
}

# holds EXPRESSION: true in Python, with the last output as x (JSON).
holds() {
	python3 -c 'import json, sys
x = json.load(open("out", encoding="utf-8"))
if not eval(sys.argv[1]):
    print(json.dumps(x, indent=1, ensure_ascii=False))
    sys.exit(1)' "$1" && return
	echo "not so: $sentence ($1)"
	bad=1
}

mkdir keys ledger policies
chmod 700 keys
cat >vanthu.conf <<END
keys = $work/keys
ledger = $work/nowhere
policy = $work/policies
control = $work/control
END
cat >policies/a.policy <<'END'
ministry {
    domain   moet.edu.vn
    network  192.0.2.0/24
}
rule secrecy-mark {
    if      subject, text ~ /^\s*(TUYỆT |TỐI )?MẬT\s*$/m
    reject  550 5.7.1 "Classified documents may not travel by e-mail"
}
rule official-letter {
    if      subject, text ~ /Số:\s*(?<number>\d+)\/(?<symbol>[A-ZĐ0-9-]+)/
    track   "{number}/{symbol}"
}
END
sed 's/subject, text/subjct, text/' policies/a.policy >bad.policy
cat >plain.eml <<'END'
From: vp@moet.edu.vn
Subject: Cong van
Message-ID: <1@moet.edu.vn>
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

Số: 12/BGDĐT-VP
END
sed 's/^Số: .*/Xin gửi.\nMẬT/' plain.eml >secret.eml
cat >dsn.eml <<'END'
From: MAILER-DAEMON@x.edu.vn
To: vp@moet.edu.vn
Subject: Undelivered
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: text/plain

It failed.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.x.edu.vn
Original-Envelope-Id: none-of-ours

Final-Recipient: rfc822; a@x.edu.vn
Action: failed
Status: 5.1.1

--b
Content-Type: text/rfc822-headers

Message-ID: <1@moet.edu.vn>

--b--
END

# The command itself.
check 0 "help is an answer" --help
says out "example:"
check 0 "the version is an answer" --version
says out milterctl
check 2 "without a verb the usage is shown"
says err "usage: milterctl"
check 2 "a mistyped verb gets a suggestion" recipts
says err "did you mean 'receipts'?"
check 2 "an option of a later version says so" doctor --send
says err "later version"
check 2 "an unknown option is refused" --frobnicate
for verb in receipts show policy inspect status reload keys ack units watch; do
	check 0 "$verb has help with an example" $verb --help
	says out "example:"
	[ "$(wc -l <out)" -le 24 ] || { echo "not so: help of $verb fits a screen"; bad=1; }
done

# Configuration.
check 3 "a configuration that is named must be there" -c none.conf keys list
printf 'keyz = /x\nledgr = /y\n' >wrong.conf
check 2 "every fault of the configuration is printed" -c wrong.conf keys list
says err "did you mean 'keys'?"
says err "did you mean 'ledger'?"

# receipts, show: usage, and a ledger that is not there.
check 2 "a mistyped state gets a suggestion" receipts --state deliverd
says err "did you mean 'delivered'?"
check 2 "a bad time is refused" receipts --since yesterday-ish
check 2 "a bad limit is refused" receipts --limit 0
check 2 "a bad format is refused" receipts --format xml
check 2 "an operand is refused" receipts x
check 3 "a ledger that is not there cannot be read" -c vanthu.conf receipts
check 3 "show needs the ledger" -c vanthu.conf show 01
check 2 "show needs an ID" show

# receipts and show of a ledger: 63 documents at two recipients each.
sed "s|nowhere|ledger|" vanthu.conf >full.conf
id=$("$fill" "$work/ledger") || { echo "not so: the ledger is filled"; exit 1; }
receipts() {
	wanted=$1 sentence=$2
	shift 2
	check "$wanted" "$sentence" -c full.conf receipts "$@"
}
# rows EXPRESSION: true in Python, with the last output's lines as x.
rows() {
	{ printf '['; sed 's/$/,/' out; printf '{}]'; } >rows
	mv rows out
	holds "(lambda x: $1)(x[:-1])"
}
receipts 0 "the table has 100 rows and says how many more there are"
says out "26 more"
[ "$(wc -l <out)" -eq 102 ] || { echo "not so: $sentence"; bad=1; }
receipts 0 "a limit holds for the table" --limit 3
says out "123 more"
receipts 0 "JSON is unlimited" --format json
rows 'len(x) == 126 and len(set(r["id"] for r in x)) == 63'
receipts 0 "unless it is limited" --format json --limit 5
rows 'len(x) == 5'
receipts 0 "a row has the stable names" --id "$id" --to a@x.edu.vn --format json
holds 'list(x) == "id number from to unit state flags accepted delivered acknowledged due subject_digest queue_id message_id evidence".split()'
holds 'x["id"] == "'"$id"'" and x["number"] == "1/BGDĐT-VP" and x["from"] == "vp@moet.edu.vn"'
holds 'x["to"] == "a@x.edu.vn" and x["unit"] is None and x["due"] is None and x["acknowledged"] is None'
holds 'x["state"] == "delivered" and isinstance(x["flags"], list) and x["subject_digest"] == "ab" * 32'
holds 'x["message_id"] == "<1@moet.edu.vn>" and x["queue_id"] == "4F1Q2r0abcz"'
holds '__import__("datetime").datetime.fromisoformat(x["delivered"]).timestamp() >= 1195093800'
holds '[list(e) for e in x["evidence"]] == ["source code trust reporter reason claimed seen digest".split()] * 2'
holds '[(e["source"], e["code"], e["trust"]) for e in x["evidence"]] == [("filter", "accepted", 3), ("dsn", "delivered", 1)]'
holds 'x["evidence"][0]["claimed"] is None and x["evidence"][1]["reporter"] == "mx.x.edu.vn"'
receipts 0 "an ID is taken without case" --id "$(echo "$id" | tr A-Z a-z)" --format json
rows 'len(x) == 2'
prefix=$(echo "$id" | cut -c1-20)
receipts 0 "a unique beginning of an ID will do" --id "$prefix" --format json
rows 'len(x) == 2 and x[0]["id"].startswith("'"$prefix"'")'
receipts 2 "a beginning of several is ambiguous" --id 0
says err ambiguous
receipts 1 "an ID that nobody has is not found" --id "$(echo "$id" | tr 0-8 1-9)"
receipts 1 "what can be no ID is not found" --id '!'
receipts 0 "a number is taken without case" --number '1/bgdđt-vp' --format json
rows 'len(x) == 2'
receipts 0 "a Message-ID needs no brackets" --message-id '1@moet.edu.vn' --format json
rows 'len(x) == 2'
receipts 0 "a state selects" --state rejected --format json
rows 'len(x) == 2 and x[0]["state"] == "rejected" and x[0]["accepted"] is None'
receipts 0 "a recipient's domain has no case" --to b@Y.EDU.VN --format json
rows 'len(x) == 63'
receipts 0 "times select" --since 2007-11-15T02:30:00Z --until 2007-11-15T02:33:00Z --format json
rows 'len(x) == 4'
receipts 1 "nothing found is told" --since 1d
says err "no receipt"
receipts 0 "CSV has a header and quotes" --format csv
python3 -c 'import csv, sys
rows = list(csv.DictReader(open("out", encoding="utf-8", newline="")))
assert len(rows) == 126 and "evidence" not in rows[0] and len(rows[0]) == 14
assert any(r["from"] == "v\ufffd,p@moet.edu.vn" for r in rows)' ||
    { echo "not so: $sentence"; bad=1; }
check 0 "show has the document with its recipients" -c full.conf show "$prefix" --format json
holds 'x["id"] == "'"$id"'" and x["action"] == "accept" and x["attempts"] >= 1'
holds '[r["to"] for r in x["recipients"]] == ["a@x.edu.vn", "b@y.edu.vn"]'
check 0 "show has the time line" -c full.conf show "$id"
says out "mx.x.edu.vn"
says out "1/BGDĐT-VP"
check 2 "show of an ambiguous beginning says so" -c full.conf show 0
check 1 "show of an unknown ID finds nothing" -c full.conf show zzzzzzzz

# units, deadlines, the operator's word, what is new.
receipts 0 "a unit selects, without case" --unit h26 --format json
rows 'len(x) == 10 and all(r["unit"] == "H26" and r["to"] == "a@x.edu.vn" for r in x)'
receipts 0 "what nobody answered in time is overdue" --overdue --format json
rows 'len(x) == 20 and all("overdue" in r["flags"] and r["due"] for r in x)'
receipts 0 "overdue in one unit" --overdue --unit H26 --format json
late=$(python3 -c 'import json; print(json.loads(open("out").readline())["id"])')
check 2 "ack needs a code" -c full.conf ack "$late" a@x.edu.vn
check 2 "a mistyped code gets a suggestion" -c full.conf ack "$late" a@x.edu.vn --code registred
says err "did you mean 'registered'?"
check 2 "ack needs a recipient" -c full.conf ack "$late" --code registered
check 1 "only a recipient can have acknowledged" -c full.conf ack "$late" c@x.edu.vn --code registered
says err "did not go to"
check 1 "only a document can be acknowledged" -c full.conf ack zzzzzzzz a@x.edu.vn --code registered
check 0 "the daemon down, the word is written here" -c full.conf ack "$late" a@x.edu.vn --code registered --note "Ms Lan, by phone"
check 0 "an acknowledgement is in the time line" -c full.conf show "$late"
says out "entered in the recipient's register"
says out "Ms Lan, by phone"
says out "entered by $(id -un)"
receipts 0 "it is the state, and nothing is overdue there" --id "$late" --to a@x.edu.vn --format json
holds 'x["state"] == "registered" and "overdue" not in x["flags"] and x["acknowledged"]'
receipts 0 "one less is overdue" --overdue --format json
rows 'len(x) == 19'
check 0 "watch tells what was new" -c full.conf watch --last 1 --once --format json
holds 'x["to"] == "a@x.edu.vn" and x["evidence"]["code"] == "registered"'
check 0 "watch tells people" -c full.conf watch --last 2 --once
says out "certain, ours"
[ "$(wc -l <out)" -eq 2 ] || { echo "not so: $sentence"; bad=1; }
cat >policies/units.policy <<'END'
units file "units.tsv"

test "a policy with a test of its own" {
	from <vp@moet.edu.vn>  to <a@x.edu.vn>
	subject "x"
	body "y"
	expect accept
}
END
printf 'H26\tSở Hà Nội\tsở\treal CNTT\ta@x.edu.vn\ta@x.edu.vn\nH41\tSở Nghệ An\tsở\treal CNTT\tc@x.edu.vn\n' >policies/units.tsv
check 0 "units are rolled up" -c full.conf units --format json
rows 'len(x) == 3 and x[1]["unit"] == "H26" and x[1]["name"] == "Sở Hà Nội" and x[1]["kind"] == "sở"'
check 0 "who answers is seen" -c full.conf units --format json
rows 'x[1]["sent"] == 10 and x[1]["acknowledged"] == 1 and x[1]["overdue"] == 9 and x[1]["median_s"] > 0'
check 0 "who is silent is seen" -c full.conf units --format json
rows 'x[1]["silent_since"] is None and x[1]["confirmed"] and x[2]["unit"] == "H41" and x[2]["sent"] == 0 and x[0]["unit"] is None and x[0]["silent_since"]'
check 0 "units for a spreadsheet" -c full.conf units --format csv
says out "unit,name,kind,sent,delivered,acknowledged,overdue,median_s"
check 0 "units for people" -c full.conf units
says out "SILENT SINCE"
rm policies/units.policy policies/units.tsv

# policy check.
check 0 "a good policy is fine" policy check policies
says out "2 rules, digest "
check 0 "a file will do" policy check policies/a.policy
check 0 "without a path the configured policy is checked" -c vanthu.conf policy check
says out "2 rules"
check 1 "a fault fails the check" policy check policies bad.policy
says out "did you mean 'subject'?"
says out "^~"
says out "2 rules, digest "
check 1 "faults come as JSON too" policy check bad.policy --format json
holds 'x["errors"] == 2 and x["digest"] is None and x["faults"][0]["line"] == 6'
check 3 "a policy that is not there cannot be read" policy check none.policy
cat >tried.policy <<'END'
ministry { domain moet.edu.vn }
rule mark { if text ~ /^MẬT$/m reject }
test "a mark" {
    from <vp@moet.edu.vn> to <a@x.vn>
    body "MẬT"
    expect reject by mark
}
END
check 0 "tests that pass are told" policy test tried.policy
says out "pass  a mark"
says out "1 tests, 0 failed"
sed 's/expect reject/expect hold/' tried.policy >failing.policy
check 1 "a test that fails is told with its trace" policy test failing.policy
says out "failing.policy:3: expected hold by mark, seen reject by mark"
says out "mark: yes, reject, text of 1 at 0"
check 1 "tests come as JSON too" policy test failing.policy --format json
holds 'x["name"] == "a mark" and x["passed"] is False and x["expected"] == "hold by mark"'
check 1 "a policy whose test fails does not check" policy check failing.policy
says out "failing.policy:3:6: test failed: expected hold by mark, seen reject by mark"
check 0 "policy print gives the canonical form" policy print tried.policy
cp out printed.policy
check 0 "which prints as itself" policy print printed.policy
cmp -s out printed.policy || { echo "not so: print prints itself"; bad=1; }
check 2 "a mistyped policy verb gets a suggestion" policy chekc
says err "did you mean 'check'?"

# policy explain.
explain() {
	wanted=$1 sentence=$2
	shift 2
	check "$wanted" "$sentence" policy explain --policy policies --format json \
	    --recipient a@x.edu.vn "$@"
}
explain 0 "a secret letter is refused" secret.eml --sender vp@moet.edu.vn
holds 'x["sender_class"] == "ministry"'
holds 'x["verdict"]["action"] == "reject" and x["verdict"]["code"] == "550"'
holds 'x["verdict"]["enhanced"] == "5.7.1" and x["verdict"]["rules"] == ["secrecy-mark"]'
holds '{r["name"]: r["result"] for r in x["rules"]} == {"secrecy-mark": "yes", "official-letter": "no"}'
holds '[r for r in x["rules"] if r["name"] == "secrecy-mark"][0]["line"] == 5'
holds '[h for r in x["rules"] for h in r["hits"]][0]["part"] == "1"'
holds '[h for r in x["rules"] for h in r["hits"]][0]["view"] == "text"'
holds 'not any(r["shadow"] for r in x["rules"])'
explain 0 "an official letter is tracked" plain.eml --sender vp@moet.edu.vn
holds 'x["verdict"]["action"] == "accept" and x["verdict"]["code"] is None'
holds 'x["verdict"]["track"] is True and x["verdict"]["number"] == "12/BGDĐT-VP"'
holds 'x["verdict"]["rules"] == ["official-letter"]'
explain 0 "a client elsewhere is a spoofed sender" secret.eml --sender vp@moet.edu.vn --client 198.51.100.7
holds 'x["sender_class"] == "spoofed" and x["verdict"]["action"] == "accept"'
holds 'x["verdict"]["rules"] == [] and x["verdict"]["text"] is None'
explain 0 "a client in the network is the ministry" secret.eml --sender vp@moet.edu.vn --client 192.0.2.9
holds 'x["sender_class"] == "ministry" and x["verdict"]["action"] == "reject"'
explain 0 "another domain is foreign" secret.eml --sender a@x.edu.vn
holds 'x["sender_class"] == "foreign" and x["verdict"]["action"] == "accept"'
explain 2 "a client must be an address" plain.eml --sender vp@moet.edu.vn --client here
explain 2 "a date must be one" plain.eml --sender vp@moet.edu.vn --date never
explain 0 "a date is taken" plain.eml --sender vp@moet.edu.vn --date 2007-11-16T08:00:00+07:00
explain 2 "a sender is needed" plain.eml
explain 2 "a message is needed" --sender vp@moet.edu.vn
explain 3 "the message must be there" none.eml --sender vp@moet.edu.vn
check 2 "a recipient is needed" policy explain plain.eml --sender vp@moet.edu.vn --policy policies
check 1 "a policy with errors explains nothing" policy explain plain.eml \
    --sender vp@moet.edu.vn --recipient a@x.edu.vn --policy bad.policy
says err "did you mean 'subject'?"
check 0 "people get a table" -c vanthu.conf policy explain secret.eml \
    --sender vp@moet.edu.vn --recipient a@x.edu.vn
says out "reject 550 5.7.1"
says out secrecy-mark

# inspect.
check 0 "inspect shows parts and texts" inspect plain.eml --format json
holds '[p["type"] for p in x["parts"]] == ["text/plain"] and x["acknowledges"] == []'
holds 'x["parts"][0]["path"] == "1" and x["parts"][0]["name"] is None'
holds 'x["parts"][0]["size"] == len("Số: 12/BGDĐT-VP\n".encode()) and x["parts"][0]["uninspectable"] is None'
holds '"Số: 12/BGDĐT-VP" in x["parts"][0]["text"]'
holds '{"part": "header:Subject", "text": "Cong van"} in x["views"]["text"]'
holds 'list(x["views"]) == ["text", "folded", "legacy", "bare"] and x["views"]["legacy"] == []'
holds '{"part": "1", "text": "so: 12/bgddt-vp\n"} in x["views"]["bare"]'
printf 'Subject: x\nContent-Type: text/plain; charset=windows-1252\n\nTUY\326T M\313T\nM.A.T\n' >font.eml
check 0 "inspect reads old fonts and spaced words" inspect font.eml --format json
holds 'x["views"]["legacy"][0] == {"part": "1", "text": "TUYệT MậT\nMAT\n"}'
holds '{"part": "1", "text": "TUYÖT MËT\nMAT\n"} in x["views"]["folded"]'
check 0 "people see the other views" inspect font.eml
says out "legacy"
check 0 "inspect shows what a notice acknowledges" inspect dsn.eml --format json
holds 'x["acknowledges"] == [{"kind": "dsn", "recipient": "a@x.edu.vn", "action": "failed", "status": "5.1.1", "message_id": "<1@moet.edu.vn>", "envelope_id": "none-of-ours", "document_id": None}]'
check 0 "people get tables" inspect dsn.eml
says out message/delivery-status
says out a@x.edu.vn
printf 'Subject: \377\n\nx\n' >raw.eml
check 0 "bytes that are not UTF-8 make JSON all the same" inspect raw.eml --format json
holds 'len(x["parts"]) == 1'
: >empty.eml
check 0 "an empty file is a letter without anything" inspect empty.eml --format json
holds 'x["acknowledges"] == []'
sentence="standard input will do"
"$ctl" inspect - --format json <plain.eml >out 2>err
holds 'len(x["parts"]) == 1'
check 3 "a letter that is not there cannot be read" inspect none.eml
check 2 "inspect takes one letter" inspect plain.eml dsn.eml

# keys.
check 0 "the folder of the keys is told" -c vanthu.conf keys path
says out "$work/keys"
check 1 "no key is nothing found" -c vanthu.conf keys
check 0 "a key is made" -c vanthu.conf keys new
says out "milterctl reload"
check 0 "the key is listed and signs" -c vanthu.conf keys list --format json
holds 'x["active"] is True and isinstance(x["id"], int) and x["created"][10] == "T"'
check 2 "a mistyped word gets a suggestion" -c vanthu.conf keys lsit

# The daemon is not there.
check 3 "status says that nobody answers" -c vanthu.conf status
says err "is milterd running?"
says err "$work/control"
check 3 "reload says that nobody answers" -c vanthu.conf reload

# Colours are for terminals.
sentence="no colour in a pipe"
"$ctl" -c vanthu.conf keys | grep -q "$(printf '\033')" && { echo "not so: $sentence"; bad=1; }

[ $bad -eq 0 ] && echo "milterctl: all is as it should be"
exit $bad
