#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What real mail programs answer: Roundcube, nmh and Dovecot's vacation.

A school, truong.test, behind the same Postfix: Dovecot delivers and serves
IMAP, Roundcube runs in PHP's own server.  Nothing here writes a receipt, an
answer or a vacation notice itself: the programs do, and send them by SMTP.
"""

import http.cookiejar
import html
import imaplib
import os
import pathlib
import re
import shutil
import sqlite3
import subprocess
import sys
import unittest
import urllib.parse
import urllib.request

import lab as house
from lab import OFFICE, letter

SCHOOL = "truong.test"

DOVECOT = """\
base_dir = {b}/run
state_dir = {b}/state
log_path = {b}/log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_username_format = %Ln
mail_location = maildir:{b}/mail/%n
hostname = mx.truong.test
submission_host = 127.0.0.1:{smtp}
passdb {{
  driver = static
  args = nopassword=y
}}
userdb {{
  driver = static
  args = uid=nobody gid=nogroup home={b}/home/%n allow_all_users=yes
}}
service imap-login {{
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service auth {{
  unix_listener auth-userdb {{
    mode = 0666
  }}
}}
service stats {{
  unix_listener stats-writer {{
    mode = 0666
  }}
}}
protocol lda {{
  mail_plugins = sieve
  postmaster_address = postmaster@truong.test
}}
plugin {{
  sieve = file:{b}/sieve/%n.sieve
}}
"""

VACATION = """\
require "vacation";
vacation :addresses "vang@truong.test" "Tôi đi công tác đến hết tuần.";
"""

PIPE = """\
dovecot unix - n n - - pipe
  flags=DRhu user=nobody:nogroup argv=/usr/lib/dovecot/dovecot-lda
  -c {conf} -f ${{sender}} -a ${{original_recipient}} -d ${{user}}
"""

ROUNDCUBE = """\
<?php
$config['db_dsnw'] = 'sqlite:///{b}/roundcube.db?mode=0600';
$config['imap_host'] = '127.0.0.1:{imap}';
$config['smtp_host'] = '127.0.0.1:{smtp}';
$config['smtp_user'] = '';
$config['smtp_pass'] = '';
$config['mail_domain'] = 'truong.test';
$config['username_domain'] = '';
$config['des_key'] = '0123456789abcdefghijklmn';
$config['log_dir'] = '{b}/logs/';
$config['temp_dir'] = '{b}/temp/';
$config['plugins'] = [];
$config['language'] = 'vi_VN';
$config['mdn_requests'] = 0;
$config['session_samesite'] = 'Lax';
"""


class Dovecot:
    """The school's mail store: pipe(8) brings, IMAP shows."""

    def __init__(self, folder, postfix):
        self.folder, self.process = folder, None
        [self.imap] = house.free_ports(1)
        for name in ("run", "state", "home", "mail", "sieve"):
            (folder / name).mkdir(parents=True)
            shutil.chown(folder / name, "nobody", "nogroup")
        folder.chmod(0o755)
        (folder / "log").touch()
        (folder / "log").chmod(0o666)
        self.conf = folder / "dovecot.conf"
        self.conf.write_text(DOVECOT.format(
            b=folder, imap=self.imap, smtp=postfix.smtp))
        (folder / "sieve/vang.sieve").write_text(VACATION)
        self.join(postfix)

    def join(self, postfix):
        main_cf = postfix.conf / "main.cf"
        text = main_cf.read_text()
        assert "transport_maps = inline:{ " in text
        main_cf.write_text(text.replace(
            "transport_maps = inline:{ ",
            "transport_maps = inline:{ {truong.test=dovecot:} ")
            + "dovecot_destination_recipient_limit = 1\n")
        with open(postfix.conf / "master.cf", "a") as master_cf:
            master_cf.write(PIPE.format(conf=self.conf))

    def start(self):
        self.process = subprocess.Popen(
            ["dovecot", "-F", "-c", self.conf], stdin=subprocess.DEVNULL)
        house.wait_for(lambda: house.accepts(("127.0.0.1", self.imap)),
                       "dovecot serves IMAP")

    def stop(self):
        if self.process is not None:
            self.process.terminate()
            self.process.wait(30)

    def find(self, user, message_id):
        """(number, bytes) of this letter in the inbox, once it is there."""
        def look():
            with imaplib.IMAP4("127.0.0.1", self.imap) as imap:
                imap.login(user, "any")
                imap.select("INBOX", readonly=True)
                _, [numbers] = imap.uid(
                    "SEARCH", "HEADER", "Message-ID", message_id)
                for number in numbers.split():
                    _, data = imap.uid("FETCH", number, "(BODY.PEEK[])")
                    return number.decode(), data[0][1]
            return None

        return house.wait_for(look, f"{message_id} is in {user}'s inbox")


class Roundcube:
    """The webmail, and a browser that knows its forms."""

    def __init__(self, folder, dovecot, postfix):
        self.folder, self.process = folder, None
        [port] = house.free_ports(1)
        self.address = ("127.0.0.1", port)
        for name in ("logs", "temp", "conf"):
            (folder / name).mkdir(parents=True)
        (folder / "conf/config.inc.php").write_text(ROUNDCUBE.format(
            b=folder, imap=dovecot.imap, smtp=postfix.smtp))
        shutil.copy("/etc/roundcube/defaults.inc.php", folder / "conf")
        shutil.copy("/etc/roundcube/mimetypes.php", folder / "conf")
        with sqlite3.connect(folder / "roundcube.db") as db:
            db.executescript(pathlib.Path(
                "/usr/share/roundcube/SQL/sqlite.initial.sql").read_text())

    def start(self):
        log = open(self.folder / "php.log", "wb")
        self.process = subprocess.Popen(
            ["php", "-S", "%s:%d" % self.address, "-t",
             "/usr/share/roundcube"], stdin=subprocess.DEVNULL, stdout=log,
            stderr=log, env=dict(
                os.environ, ROUNDCUBE_CONFIG_DIR=f"{self.folder}/conf",
                RCUBE_CONFIG_PATH=f"{self.folder}/conf"))
        log.close()
        house.wait_for(lambda: house.accepts(self.address), "PHP serves")

    def stop(self):
        if self.process is not None:
            self.process.terminate()
            self.process.wait(30)


class Browser:
    """One user of the webmail, logged in."""

    def __init__(self, webmail, user):
        self.base = "http://%s:%d/" % webmail.address
        self.opener = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
        page = self.get(_task="login")
        self.post({"_task": "login", "_action": "login"}, _task="login",
                  _action="login", _user=user, _pass="any", _url="",
                  _timezone="Asia/Ho_Chi_Minh", _token=self.token(page))

    def open(self, query, data=None, headers=None):
        request = urllib.request.Request(
            self.base + "?" + urllib.parse.urlencode(query), data,
            headers or {})
        with self.opener.open(request, timeout=60) as answer:
            self.address = answer.geturl()
            return answer.read().decode("utf-8", "replace")

    def get(self, **query):
        return self.open(query)

    def post(self, query, headers=None, **fields):
        return self.open(query, urllib.parse.urlencode(fields).encode(), headers)

    @staticmethod
    def token(page):
        return re.search(r'"request_token":"([^"]+)"', page).group(1)

    @staticmethod
    def form(page, name):
        """The hidden fields of a form."""
        text = re.search(r'(?s)<form[^>]*name="%s".*?</form>' % name, page)
        fields = {}
        for tag in re.findall(r'<input[^>]*type="hidden"[^>]*>', text.group(0)):
            key = re.search(r'name="([^"]*)"', tag).group(1)
            value = re.search(r'value="([^"]*)"', tag)
            fields[key] = html.unescape(value.group(1)) if value else ""
        return fields

    def read(self, number):
        """Open a letter; the page asks about the receipt if one is wanted."""
        return self.get(_task="mail", _mbox="INBOX", _uid=number,
                        _action="show")

    def send_receipt(self, page, number):
        """What the button "yes, send it" does."""
        self.post({"_task": "mail", "_action": "sendmdn"},
                  {"X-Roundcube-Request": self.token(page)},
                  _uid=number, _mbox="INBOX", _remote="1")

    def reply(self, number, text):
        page = self.get(_task="mail", _mbox="INBOX", _reply_uid=number,
                        _action="compose")
        fields = self.form(page, "form")
        people = re.search(r'(?s)<textarea[^>]*name="_to"[^>]*>(.*?)</textarea>',
                           page).group(1)
        subject = re.search(r'<input[^>]*name="_subject"[^>]*value="([^"]*)"',
                            page).group(1)
        identity = re.search(
            r'(?s)<select[^>]*name="_from".*?<option value="(\d+)"', page)
        fields.update(_to=html.unescape(people), _message=text,
                      _subject=html.unescape(subject),
                      _from=identity.group(1), _is_html="0", _framed="1")
        return self.post({"_task": "mail", "_action": "send"}, **fields)


class Programs(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = house.Lab()
        cls.addClassCleanup(cls.lab.close)
        postfix = cls.lab.postfix
        cls.dovecot = Dovecot(cls.lab.folder / "dovecot", postfix)
        cls.roundcube = Roundcube(
            cls.lab.folder / "roundcube", cls.dovecot, postfix)
        for program in (cls.dovecot, cls.roundcube):
            cls.addClassCleanup(program.stop)
            program.start()
        cls.lab.__enter__()

    def post(self, *people):
        """A tracked letter that asks for a receipt; its Message-ID."""
        addresses = [f"{p}@{SCHOOL}" for p in people]
        data = house.without(letter(), b"To")
        data = (f"To: {', '.join(addresses)}\r\n"
                f"Disposition-Notification-To: <{OFFICE}>\r\n").encode() + data
        answer = self.lab.send(data, addresses)
        self.assertTrue(answer.accepted, answer)
        return house.message_id_of(data)

    def row(self, message_id, person):
        [row] = [r for r in self.lab.daemon.receipts("--message-id", message_id)
                 if r["to"] == f"{person}@{SCHOOL}"]
        return row

    def wait_answer(self, person, mark, count=1):
        """What a program of the school sent to the office."""
        return self.lab.sink.wait(
            lambda a: a.recipients[0][0] == OFFICE and mark in a.data
            and f"{person}@{SCHOOL}".encode() in a.data, count)

    def test_a_receipt_of_roundcube_moves_the_reader_alone_to_displayed(self):
        message_id = self.post("khong-doc", "doc")
        number, _ = self.dovecot.find("doc", message_id)
        browser = Browser(self.roundcube, "doc")
        page = browser.read(number)
        self.assertIn("mdn_request", page)
        self.assertEqual(self.row(message_id, "doc")["state"], "accepted")
        browser.send_receipt(page, number)
        [mdn] = self.wait_answer("doc", b"message/disposition-notification")
        self.assertIn(b"Original-Message-ID: " + message_id.encode(), mdn.data)
        row = self.row(message_id, "doc")
        self.assertEqual(row["state"], "displayed", row)
        self.assertTrue(row["acknowledged"])
        self.assertEqual(self.row(message_id, "khong-doc")["state"], "accepted")

    def test_a_reply_of_roundcube_moves_the_writer_alone_to_replied(self):
        message_id = self.post("khong-dap", "dap")
        number, _ = self.dovecot.find("dap", message_id)
        browser = Browser(self.roundcube, "dap")
        browser.reply(number, "Đã nhận được công văn.")
        self.wait_answer("dap", message_id.encode())
        row = self.row(message_id, "dap")
        self.assertEqual(row["state"], "replied", row)
        self.assertEqual(self.row(message_id, "khong-dap")["state"], "accepted")

    def test_a_reply_of_nmh_moves_the_writer_to_replied(self):
        message_id = self.post("nmh")
        _, data = self.dovecot.find("nmh", message_id)
        self.nmh_reply(data)
        self.wait_answer("nmh", message_id.encode())
        row = self.row(message_id, "nmh")
        self.assertEqual(row["state"], "replied", row)

    def nmh_reply(self, data):
        home = self.lab.folder / "nmh"
        (home / "Mail/inbox").mkdir(parents=True)
        (home / "Mail/inbox/1").write_bytes(data.replace(b"\r\n", b"\n"))
        (home / ".mh_profile").write_text(
            f"Path: {home}/Mail\nLocal-Mailbox: nmh@{SCHOOL}\n")
        (home / "editor").write_text('#!/bin/sh\necho "Da nhan." >>"$1"\n')
        (home / "editor").chmod(0o755)
        env = dict(os.environ, HOME=str(home), PATH="/usr/bin/mh:/usr/bin:/bin")
        for command in (
                ["repl", "-nowhatnowproc", "-editor", str(home / "editor"),
                 "-nocc", "me", "+inbox", "1"],
                ["send", "-mts", "smtp", "-server", "127.0.0.1", "-port",
                 str(self.lab.postfix.smtp), str(home / "Mail/draft")]):
            subprocess.run(command, env=env, check=True,
                           stdin=subprocess.DEVNULL, timeout=60)

    def test_a_vacation_of_dovecot_never_counts(self):
        message_id = self.post("vang")
        self.wait_answer("vang", b"auto-replied")
        row = self.row(message_id, "vang")
        self.assertEqual(row["state"], "accepted", row)
        self.assertIn("only-auto", row["flags"])
        self.assertIsNone(row["acknowledged"])


if __name__ == "__main__":
    if shutil.which("dovecot") is None or shutil.which("php") is None:
        print("programs: Dovecot or PHP is missing (sh contrib/packages check)")
        sys.exit(1)
    house.main()
