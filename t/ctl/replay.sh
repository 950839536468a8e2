#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# What "milterctl policy replay" says two policies make of saved letters.  Run in
# the build root, or with the program milterctl as argument.
set -u
absolute() { echo "$(cd "$(dirname "$1")" && pwd)/$(basename "$1")"; }
ctl=$(absolute "${1:-./milterctl}")
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 99
bad=0

# replay STATUS SENTENCE ARGUMENTS...: run it, keep its output in out, err.
replay() {
	wanted=$1 sentence=$2
	shift 2
	"$ctl" -c vanthu.conf policy replay "$@" >out 2>err </dev/null
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

# rows EXPRESSION: true in Python, with the lines of the last output as x (JSON).
rows() {
	python3 -c 'import json, sys
x = [json.loads(line) for line in open("out", encoding="utf-8")]
if not eval(sys.argv[1]):
    print(json.dumps(x, indent=1, ensure_ascii=False))
    sys.exit(1)' "$1" && return
	echo "not so: $sentence ($1)"
	bad=1
}

cat >vanthu.conf <<END
policy = $work/old.policy
END
cat >old.policy <<'END'
ministry { domain moet.edu.vn }
rule mark {
    if      text ~ /^MẬT$/m
    reject  550 5.7.1 "Classified"
}
rule number {
    if      text ~ /Số: (?<number>\d+)/
    track   "{number}"
}
END
# The same in other words, and one more: what was refused is held, a word is new.
sed -e 's/reject .*/hold "look at it"/' old.policy >new.policy
cat >>new.policy <<'END'
rule word {
    if      attachment.text ~ /tuyển sinh/
    reject  550 5.7.1 "Not by mail"
}
rule outside {
    if      recipient ~ /@else\.example$/
    reject  550 5.7.1 "Not there"
}
END

# letter NUMBER FROM TO TEXT: one letter.
letter() {
	printf 'From: <%s>\nTo: "One, Two" <%s>\nCc: c@x.edu.vn\n' "$2" "$3"
	printf 'Message-ID: <%s@moet.edu.vn>\nMIME-Version: 1.0\n' "$1"
	printf 'Content-Type: text/plain; charset=utf-8\n\n%s\n' "$4"
}
mkdir -p folder/below
letter 1 vp@moet.edu.vn a@x.edu.vn 'Xin gửi.' >folder/1.eml
letter 2 vp@moet.edu.vn a@x.edu.vn 'MẬT' >folder/2.eml
letter 3 vp@moet.edu.vn a@x.edu.vn 'Số: 12' >folder/below/3.eml
letter 4 vp@moet.edu.vn d@else.example 'Xin gửi.' >folder/below/4.eml
letter 5 other@y.example a@x.edu.vn 'MẬT' >folder/below/5.eml
letter 6 vp@moet.edu.vn a@x.edu.vn 'MẬT' >folder/.hidden
cat >folder/below/6.eml <<'END'
From: vp@moet.edu.vn
To: a@x.edu.vn
Message-ID: <6@moet.edu.vn>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain

See there.
--b
Content-Type: application/octet-stream; name="a.html"
Content-Disposition: attachment; filename="a.html"
Content-Transfer-Encoding: 8bit

<html><body>Xin gửi tuyển <b></b>sinh.</body></html>
--b--
END

# A letter.
replay 0 "a letter whose verdict changes is told" folder/2.eml --policy new.policy --format json
rows 'x == [{"source": "folder/2.eml", "message_id": "<2@moet.edu.vn>",
  "old": {"action": "reject", "rule": "mark", "track": None},
  "new": {"action": "hold", "rule": "mark", "track": None}, "changed": True}]'
says err '1 letters, 0 unchanged, 1 changed'
says err 'reject -> hold'
replay 0 "one whose verdict stays is not" folder/1.eml --policy new.policy
says out '1 letters, 1 unchanged, 0 changed'
[ "$(wc -l <out)" -eq 1 ] || { echo "not so: $sentence"; bad=1; }
replay 0 "unless every one is asked for" folder/1.eml --policy new.policy --format json --all
rows '[(r["changed"], r["old"]["action"], r["new"]["rule"]) for r in x] == [(False, "accept", None)]'
replay 0 "a policy changes nothing against itself" folder --policy new.policy --against new.policy
says out '6 letters, 6 unchanged, 0 changed'
replay 0 "the sender may be another" folder/2.eml --policy new.policy --sender a@y.example
says out '1 letters, 1 unchanged'
replay 0 "recipients may be others" folder/1.eml --policy new.policy --recipient a@else.example --format json
rows '[r["new"]["rule"] for r in x] == ["outside"]'
{ echo 'Return-Path: <other@y.example>'; cat folder/2.eml; } >returned
replay 0 "the sender is the Return-Path's before the From's" returned --policy new.policy
says out '1 letters, 1 unchanged'

# A folder.
replay 0 "a folder is gone through in order of name" folder --policy new.policy --format json
rows '[(r["source"], r["new"]["rule"]) for r in x] == [("folder/2.eml", "mark"),
  ("folder/below/4.eml", "outside"), ("folder/below/6.eml", "word")]'
says err '6 letters, 3 unchanged, 3 changed'
says err '     2  accept -> reject'
says err '     1  reject -> hold'
replay 0 "tracking is part of the verdict" folder/below/3.eml --policy old.policy --against new.policy --format json --all
rows 'x[0]["old"]["track"] == "number" and not x[0]["changed"]'
sed '/^rule number/,/^}/d' old.policy >untracked.policy
replay 0 "what is no longer tracked has changed" folder --policy untracked.policy --format json
rows '[(r["old"]["track"], r["new"]["track"]) for r in x] == [("number", None)]'
says err 'accept and track -> accept'
sed 's/^rule mark/rule seal/' old.policy >renamed.policy
replay 0 "another rule is a change" folder --policy renamed.policy --format json
rows '[(r["old"]["rule"], r["new"]["rule"]) for r in x] == [("mark", "seal")]'
says err 'reject, by another rule'
sed 's/"Classified"/"Secret"/' old.policy >worded.policy
replay 0 "another answer is a change" folder --policy worded.policy
says out 'reject, with something else in it'
replay 0 "a table has the rules" folder --policy new.policy
says out 'MESSAGE-ID'
says out 'folder/2.eml        <2@moet.edu.vn>  reject  mark  hold    mark'
says out '6 letters, 3 unchanged, 3 changed'
replay 0 "a spreadsheet has them" folder --policy new.policy --format csv
says out 'source,message_id,old_action,old_rule,old_track,new_action,new_rule,new_track,changed'
says out 'folder/2.eml,<2@moet.edu.vn>,reject,mark,,hold,mark,,true'
for text in 'MẬT' 'gửi' 'sinh'; do
	grep -q "$text" out err && { echo "not so: no text of a letter is told"; bad=1; }
done

# An mbox: quoted lines are part of their letters.
mark='From vp@moet.edu.vn Tue Nov 24 08:00:00 2026'
{
	echo "$mark"; cat folder/1.eml; printf '>From here on\n\nFrom there\n\n'
	echo "$mark"; cat folder/2.eml; echo
	echo "$mark"; cat folder/below/4.eml
} >saved
replay 0 "letters of an mbox are numbered" saved --policy new.policy --format json --all
rows '[(r["source"], r["message_id"], r["changed"]) for r in x] == [
  ("saved#1", "<1@moet.edu.vn>", False), ("saved#2", "<2@moet.edu.vn>", True),
  ("saved#3", "<4@moet.edu.vn>", True)]'
{ for i in $(seq 500); do echo "$mark"; letter "$i" vp@moet.edu.vn a@x.edu.vn 'MẬT'; echo; done; } >many
replay 0 "many letters are told in their order" many --policy new.policy --format json
rows '[r["message_id"] for r in x] == ["<%d@moet.edu.vn>" % (i + 1) for i in range(500)]'

# A Maildir: indexes and what is not yet whole are none of its letters.
mkdir -p Maildir/cur Maildir/new Maildir/tmp
cp folder/2.eml Maildir/cur/1.host:2,S
cp folder/below/4.eml Maildir/new/2.host
cp folder/2.eml Maildir/tmp/3.host
echo '3 V1' >Maildir/dovecot-uidlist
replay 0 "a Maildir is read" Maildir --policy new.policy --format json --all
rows '[r["source"] for r in x] == ["Maildir/cur/1.host:2,S", "Maildir/new/2.host"]'

# What goes wrong.
mkdir broken empty
cp folder/2.eml broken/1.eml
: >broken/2.eml
mkfifo broken/3.eml
replay 1 "what cannot be read is told, and the others are judged" broken --policy new.policy
says err 'broken/2.eml: empty'
says err 'broken/3.eml: neither a file nor a folder'
says out '3 letters, 0 unchanged, 1 changed, 2 could not be read'
echo 'message_size_limit = 1K' >>vanthu.conf
{ cat folder/2.eml; head -c 1100 /dev/zero | tr '\0' x; } >large
replay 1 "a letter that is too large is not judged" large --policy new.policy
says err 'larger than message_size_limit'
replay 1 "nothing is found in an empty folder" empty --policy new.policy
says err 'there is no letter'
replay 3 "the letters must be there" none --policy new.policy
replay 3 "the policy must be there" folder --policy none.policy
sed 's/text ~/txt ~/' old.policy >bad.policy
replay 1 "a policy with errors judges nothing" folder --policy bad.policy
says err "did you mean 'text'?"
replay 2 "a policy is needed" folder
replay 2 "letters are needed" --policy new.policy
replay 2 "a format must be one" folder --policy new.policy --format xml
[ $bad -eq 0 ] && echo "replay: what changes is told"
exit $bad
