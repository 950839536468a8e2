# SPDX-License-Identifier: BSD-2-Clause
"""A ministry's mail on loopback: a private Postfix, milterd, and a sink.

Needs root, because Postfix's master does.  Nothing outside one temporary
folder is touched.  VANTHU_BUILD names the folder with milterd and milterctl
(default: the checkout); LAB_KEEP=1 keeps the folder for a look afterwards.
"""

import collections
import contextlib
import glob
import itertools
import json
import os
import pathlib
import pwd
import re
import shutil
import signal
import smtplib
import socket
import socketserver
import subprocess
import sys
import tempfile
import threading
import time
import unittest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("VANTHU_BUILD") or SOURCE)
STAMP = b"Vanthu-Document-ID"
MINISTRY = "127.0.0.1"  # the one address in the lab's policy
STRANGER = "127.0.0.9"  # may send, but is not of the ministry
OFFICE = "vp@moet.edu.vn"


def wait_for(condition, what, deadline_s=30.0):
    """Return the first true value of condition(); fail after the deadline."""
    end = time.monotonic() + deadline_s
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() >= end:
            raise AssertionError(f"not within {deadline_s:g} s: {what}")
        time.sleep(0.02)


def free_ports(count):
    """Ports that nobody listens on; all different."""
    sockets = [socket.socket() for _ in range(count)]
    for s in sockets:
        s.bind(("127.0.0.1", 0))
    ports = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return ports


def accepts(address):
    """Whether somebody serves this path or port."""
    family = socket.AF_INET if isinstance(address, tuple) else socket.AF_UNIX
    with socket.socket(family) as s:
        s.settimeout(2)
        try:
            s.connect(address)
        except OSError:
            return False
    return True


# Letters -------------------------------------------------------------------

_serial = itertools.count(1)


def new_message_id():
    return f"<{os.getpid()}.{time.time_ns()}.{next(_serial)}@moet.edu.vn>"


def letter(name="cong-van.eml", message_id=None, extra=()):
    """The fixture t/letter/name with a Message-ID of its own, CRLF lines.

    extra are whole header lines (text), put in front.
    """
    raw = (SOURCE / "t/letter" / name).read_bytes()
    raw = re.sub(rb"\r?\n", b"\r\n", raw)
    message_id = message_id or new_message_id()
    raw = re.sub(
        rb"(?mi)^Message-ID:.*\r\n",
        b"Message-ID: " + message_id.encode() + b"\r\n",
        raw,
        count=1,
    )
    return b"".join(h.encode() + b"\r\n" for h in extra) + raw


def split(raw):
    """(header fields with their folds, body) of CRLF bytes."""
    head, _, body = raw.partition(b"\r\n\r\n")
    fields = re.split(rb"\r\n(?![ \t])", head)
    return fields, body


def field_values(raw, name):
    want = name.lower() + b":"
    return [
        f.split(b":", 1)[1].strip()
        for f in split(raw)[0]
        if f.lower().startswith(want)
    ]


def stamps(raw):
    return [v.decode("ascii", "replace") for v in field_values(raw, STAMP)]


def message_id_of(raw):
    values = field_values(raw, b"Message-ID")
    return values[0].decode("ascii", "replace") if values else ""


def without(raw, *names):
    """The same bytes but for the fields of these names."""
    fields, body = split(raw)
    drop = tuple(n.lower() + b":" for n in names)
    kept = [f for f in fields if not f.lower().startswith(drop)]
    return b"\r\n".join(kept) + b"\r\n\r\n" + body


# The sink ------------------------------------------------------------------

Arrived = collections.namedtuple("Arrived", "sender arguments recipients data")


class _Conversation(socketserver.StreamRequestHandler):
    """One SMTP client of the sink."""

    disable_nagle_algorithm = True

    def say(self, *lines):
        text = "\r\n".join(lines)
        self.wfile.write(text.encode() + b"\r\n")

    def handle(self):
        with contextlib.suppress(OSError):
            self.say("220 sink ESMTP")
            self.forget()
            while True:
                line = self.rfile.readline(65536)
                if not line or not self.obey(line.decode("utf-8", "replace")):
                    return

    def forget(self):
        self.sender, self.arguments, self.recipients = "", [], []

    def obey(self, line):
        verb, _, rest = line.strip().partition(" ")
        verb = verb.upper()
        if verb == "EHLO":
            words = ["sink", "PIPELINING", "8BITMIME", "SMTPUTF8",
                     "ENHANCEDSTATUSCODES"]
            if self.server.dsn:
                words.append("DSN")
            self.say(*[f"250-{w}" for w in words[:-1]], f"250 {words[-1]}")
        elif verb == "MAIL":
            self.forget()
            self.sender, self.arguments = self.path(rest)
            self.say("250 2.1.0 ok")
        elif verb == "RCPT":
            self.recipient(*self.path(rest))
        elif verb == "DATA":
            self.data()
        elif verb == "QUIT":
            self.say("221 2.0.0 bye")
            return False
        else:
            self.say("250 2.0.0 ok")
        return True

    @staticmethod
    def path(rest):
        match = re.match(r"(?i)(?:FROM|TO):\s*<([^>]*)>\s*(.*)$", rest)
        return match.group(1), match.group(2).split()

    def recipient(self, address, arguments):
        for pattern, reply in self.server.sink.refusals:
            if re.search(pattern, address):
                self.say(reply)
                return
        self.recipients.append((address, arguments))
        self.say("250 2.1.5 ok")

    def data(self):
        if not self.recipients:
            self.say("554 5.5.1 no recipients")
            return
        self.say("354 go")
        lines = []
        while True:
            line = self.rfile.readline()
            if not line:
                return
            if line == b".\r\n":
                break
            lines.append(line[1:] if line.startswith(b".") else line)
        self.server.sink.take(
            Arrived(self.sender, self.arguments, self.recipients,
                    b"".join(lines)))
        self.say("250 2.0.0 taken")
        self.forget()


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 256

    def __init__(self, port, sink, dsn):
        self.sink, self.dsn = sink, dsn
        super().__init__(("127.0.0.1", port), _Conversation)


class Sink:
    """Where all mail that leaves ends: two ports, one without DSN.

    Everything is kept, or what keep(arrived) returns.
    """

    def __init__(self, keep=None):
        self.refusals = [
            (r"^(nobody|gone)[^@]*@", "550 5.1.1 no such person here"),
            (r"^soft[^@]*@", "450 4.2.1 the mailbox is busy"),
        ]
        self.keep = keep or (lambda arrived: arrived)
        self.arrived = []
        self.changed = threading.Condition()
        self.servers = [_Server(0, self, True), _Server(0, self, False)]
        self.port, self.port_without_dsn = (
            s.server_address[1] for s in self.servers)
        self.threads = [
            threading.Thread(target=s.serve_forever, args=(0.05,), daemon=True)
            for s in self.servers]
        for t in self.threads:
            t.start()

    def take(self, arrived):
        kept = self.keep(arrived)
        with self.changed:
            self.arrived.append(kept)
            self.changed.notify_all()

    def wait(self, select, count=1, deadline_s=30.0):
        """The letters that select() likes, once there are count of them."""
        def found():
            return [a for a in self.arrived if select(a)]

        with self.changed:
            enough = self.changed.wait_for(
                lambda: len(found()) >= count, deadline_s)
            letters = found()
        if not enough:
            raise AssertionError(
                f"{len(letters)} of {count} letters after {deadline_s:g} s")
        return letters

    def wait_for_message(self, message_id, count=1, deadline_s=30.0):
        return self.wait(
            lambda a: message_id_of(a.data) == message_id, count, deadline_s)

    def close(self):
        for s in self.servers:
            s.shutdown()
            s.server_close()


# Postfix -------------------------------------------------------------------

MAIN_CF = """\
compatibility_level = 3.6
queue_directory = {b}/spool
data_directory = {b}/data
meta_directory = {b}/conf
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
shlib_directory = /usr/lib/postfix
sendmail_path = /usr/sbin/sendmail
newaliases_path = /usr/bin/newaliases
mailq_path = /usr/bin/mailq
mail_owner = postfix
setgid_group = postdrop
multi_instance_name = postfix-lab
maillog_file = {b}/log/maillog
maillog_file_prefixes = /var, {b}
myhostname = mx.moet.test
mydomain = moet.test
myorigin = moet.test
mydestination =
local_recipient_maps =
local_transport = error:no local
alias_maps =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_recipient_restrictions = permit_mynetworks, reject
virtual_mailbox_domains = moet.test
virtual_mailbox_base = {b}/mbox
virtual_mailbox_maps = static:all/
virtual_mailbox_limit = 0
virtual_minimum_uid = 1000
virtual_uid_maps = static:2000
virtual_gid_maps = static:2000
virtual_alias_maps = inline:{{ {{list@moet.test=a1@sink.test,a2@sink.test}} }}
default_transport = smtp:[127.0.0.1]:{sink}
transport_maps = inline:{{ {{nodsn.test=smtp:[127.0.0.1]:{nodsn}}} }}
disable_dns_lookups = yes
smtp_dns_support_level = disabled
smtp_tls_security_level = none
smtpd_tls_security_level = none
smtpd_peername_lookup = no
smtpd_error_sleep_time = 0
smtpd_hard_error_limit = 100000
in_flow_delay = 0
biff = no
queue_run_delay = 2s
minimal_backoff_time = 2s
maximal_backoff_time = 4s
delay_warning_time = 0
maximal_queue_lifetime = 600s
bounce_queue_lifetime = 600s
enable_long_queue_ids = yes
smtputf8_enable = yes
message_size_limit = 60000000
smtpd_client_connection_count_limit = 0
notify_classes = resource, software
smtpd_milters = {milter}
non_smtpd_milters = {milter}
internal_mail_filter_classes = bounce, notify
milter_protocol = 6
milter_default_action = tempfail
milter_connect_timeout = 5s
"""

MASTER_CF = """\
127.0.0.1:{smtp} inet n - n - - smtpd
127.0.0.1:{plain} inet n - n - - smtpd
  -o smtpd_milters=
127.0.0.1:{submission} inet n - n - - smtpd
  -o smtpd_command_filter=regexp:{notify}
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


class Postfix:
    """Three services: smtp, plain (no milter), submission (asks NOTIFY)."""

    def __init__(self, folder, milter, sink):
        self.folder = folder
        self.smtp, self.plain, self.submission = free_ports(3)
        self.conf = folder / "conf"
        for name in ("conf", "spool", "data", "log", "mbox"):
            (folder / name).mkdir(parents=True)
            (folder / name).chmod(0o755)
        owner = pwd.getpwnam("postfix")
        os.chown(folder / "data", owner.pw_uid, owner.pw_gid)
        os.chown(folder / "mbox", 2000, 2000)
        for name in ("postfix-files", "postfix-files.d", "post-install",
                     "postfix-script"):
            self.copy(pathlib.Path("/etc/postfix") / name)
        for name in glob.glob("/etc/postfix/dynamicmaps.cf*"):
            self.copy(pathlib.Path(name))
        notify = self.conf / "notify.regexp"
        shutil.copy(SOURCE / "contrib/postfix/notify.regexp", notify)
        (self.conf / "main.cf").write_text(MAIN_CF.format(
            b=folder, sink=sink.port, nodsn=sink.port_without_dsn,
            milter=milter))
        (self.conf / "master.cf").write_text(MASTER_CF.format(
            smtp=self.smtp, plain=self.plain, submission=self.submission,
            notify=notify))

    def copy(self, path):
        if path.is_dir():
            shutil.copytree(path, self.conf / path.name)
        elif path.exists():
            shutil.copy(path, self.conf / path.name)

    def command(self, verb):
        return subprocess.run(
            ["postfix", "-c", str(self.conf), verb], text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, timeout=60)

    def start(self):
        done = self.command("start")
        if done.returncode != 0:
            raise AssertionError(f"postfix start: {done.stdout}{self.log()}")
        for port in (self.smtp, self.plain, self.submission):
            wait_for(lambda: accepts(("127.0.0.1", port)), f"port {port}")

    def log(self):
        path = self.folder / "log/maillog"
        return path.read_text(errors="replace") if path.exists() else ""

    def master(self):
        try:
            return int((self.folder / "spool/pid/master.pid").read_text())
        except (OSError, ValueError):
            return 0

    def stop(self):
        pid = self.master()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.command("stop")
        if pid and pathlib.Path(f"/proc/{pid}").exists():
            kill_tree(pid)

    def queued(self):
        """Queue files that still wait for delivery."""
        spool = self.folder / "spool"
        return [p for q in ("incoming", "active", "deferred", "maildrop")
                for p in (spool / q).rglob("*") if p.is_file()]

    def mailbox(self):
        """What virtual(8) delivered, CRLF lines."""
        return [p.read_bytes().replace(b"\n", b"\r\n")
                for p in (self.folder / "mbox").rglob("new/*")]


# milterd -------------------------------------------------------------------

def children(pid):
    with contextlib.suppress(OSError):
        text = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text()
        return [int(word) for word in text.split()]
    return []


def name(pid):
    with contextlib.suppress(OSError):
        return pathlib.Path(f"/proc/{pid}/comm").read_text().strip()
    return ""


def tree(pid):
    return [pid] + [d for c in children(pid) for d in tree(c)]


def kill_tree(pid):
    for each in tree(pid):
        with contextlib.suppress(ProcessLookupError):
            os.kill(each, signal.SIGKILL)


def copy_policy(target, network=MINISTRY + "/32"):
    """The shipped policy, with the lab's one address as the network."""
    shutil.copytree(SOURCE / "policy", target)
    for path in [target, *target.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    for path in target.glob("*.policy"):
        text = path.read_text()
        path.write_text(text.replace("127.0.0.0/8", network))


class Daemon:
    """milterd in a folder of its own, and milterctl asking it."""

    def __init__(self, folder, **settings):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o755)
        self.policy = folder / "policy"
        if not self.policy.exists():
            copy_policy(self.policy)
        self.socket = folder / "run/milter.sock"
        self.socket.parent.mkdir(exist_ok=True)
        self.socket.parent.chmod(0o755)
        self.file = folder / "vanthu.conf"
        self.log_path = folder / "milterd.log"
        self.process = None
        self.environment = dict(os.environ)
        self.settings = {
            "socket": f"unix:{self.socket}",
            "socket_mode": "0666",
            "control": folder / "run/control",
            "ledger": folder / "ledger",
            "spool": folder / "vanthu-spool",
            "keys": folder / "keys",
            "policy": self.policy,
            "user": "root",
            "group": "root",
            "hostname": "mx.moet.test",
            "drain_time": "3s",
            **settings,
        }
        self.write()

    def write(self):
        self.file.write_text("".join(
            f"{k} = {v}\n" for k, v in self.settings.items()))

    def start(self, deadline_s=20.0):
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                [BUILD / "milterd", "-f", "-c", self.file],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env=self.environment, start_new_session=True)
        self.wait_ready(deadline_s)

    def wait_ready(self, deadline_s=20.0):
        def is_ready():
            if self.process.poll() is not None:
                raise AssertionError(
                    f"milterd left with {self.process.returncode}:\n"
                    + self.log_tail())
            return accepts(str(self.socket))

        wait_for(is_ready, f"the milter socket\n{self.log_tail()}", deadline_s)

    def filter(self):
        """The filter's process number; 0 if there is none now."""
        found = [p for p in children(self.process.pid) if name(p) != "extract"]
        return found[-1] if found else 0

    def extractor(self):
        """The extraction server's process number; 0 if there is none now."""
        found = [p for p in children(self.process.pid) if name(p) == "extract"]
        return found[-1] if found else 0

    def stop(self):
        if self.process is None:
            return None
        everyone = tree(self.process.pid)
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                kill_tree(self.process.pid)
                self.process.wait(10)
        status = self.process.returncode
        wait_for(lambda: not any(is_alive(p) for p in everyone),
                 "milterd's processes end")
        self.process = None
        return status

    def kill(self, victims):
        for pid in victims:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def crash(self, chance):
        """SIGKILL the filter, the parent or all of them, as chance has it.

        Returns which; whatever did not come back by itself is started again.
        """
        kind = chance.choice(("filter", "parent", "all"))
        parent = self.process.pid
        victims = tree(parent)
        if kind == "filter":
            self.kill(victims[1:])
            if not is_alive(parent):
                raise AssertionError("the parent died with its filter")
            return kind
        self.kill(victims[:1] if kind == "parent"
                  else chance.sample(victims, len(victims)))
        self.process.wait()
        wait_for(lambda: not any(map(is_alive, victims)),
                 "no process outlives its parent")
        self.start()
        return kind

    def run(self, *arguments, **kwargs):
        """milterd with other arguments, to its end."""
        return subprocess.run(
            [BUILD / "milterd", *arguments], text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, timeout=60, **kwargs)

    def ctl(self, *arguments):
        return subprocess.run(
            [BUILD / "milterctl", "-c", self.file, *map(str, arguments)],
            text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, timeout=120)

    def receipts(self, *filters):
        done = self.ctl("receipts", "--format", "json", *filters)
        if done.returncode not in (0, 1) or (done.stderr and
                                              done.returncode == 0):
            raise AssertionError(
                f"milterctl receipts {filters}: exit {done.returncode}: "
                f"{done.stderr}")
        return [json.loads(line) for line in done.stdout.splitlines()]

    def wait_state(self, message_id, recipient, states, deadline_s=30.0):
        """The receipt, once its state is one of these."""
        def look():
            for row in self.receipts("--message-id", message_id):
                if row["to"] == recipient and row["state"] in states:
                    return row
            return None

        try:
            return wait_for(look, f"{recipient} is {states}", deadline_s)
        except AssertionError as late:
            rows = self.receipts("--message-id", message_id)
            raise AssertionError(f"{late}; receipts: {rows}") from None

    def log(self):
        if not self.log_path.exists():
            return ""
        return self.log_path.read_text(errors="replace")

    def log_tail(self, lines=25):
        return "\n".join(self.log().splitlines()[-lines:])


def is_alive(pid):
    try:
        stat = pathlib.Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


# SMTP ----------------------------------------------------------------------

class Answer(collections.namedtuple("Answer", "code text stage")):
    """What a client was told last, and at which command."""

    @property
    def accepted(self):
        return self.stage == "end" and self.code == 250


def send(port, data, recipients, sender=OFFICE, client=MINISTRY,
         mail_options=(), rcpt_options=(), timeout_s=120):
    """One letter over a connection of its own; every command's answer counts.

    Returns the first answer that is not a yes, or the final one.  No answer
    at all is code 0.
    """
    stage = "connect"
    smtp = smtplib.SMTP(local_hostname="client.moet.test", timeout=timeout_s,
                        source_address=(client, 0))
    try:
        code, text = smtp.connect("127.0.0.1", port)
        if code != 220:
            return Answer(code, _text(text), stage)
        stage = "ehlo"
        code, text = smtp.ehlo()
        if code != 250:
            return Answer(code, _text(text), stage)
        stage = "mail"
        code, text = smtp.docmd(
            "MAIL", " ".join([f"FROM:<{sender}>", *mail_options]))
        if code != 250:
            return Answer(code, _text(text), stage)
        stage = "rcpt"
        for recipient in recipients:
            code, text = smtp.docmd(
                "RCPT", " ".join([f"TO:<{recipient}>", *rcpt_options]))
            if code != 250:
                return Answer(code, _text(text), stage)
        stage = "data"
        code, text = smtp.docmd("DATA")
        if code != 354:
            return Answer(code, _text(text), stage)
        stage = "end"
        smtp.send(re.sub(rb"(?m)^\.", b"..", data) + b".\r\n")
        code, text = smtp.getreply()
        answer = Answer(code, _text(text), stage)
        with contextlib.suppress(OSError, smtplib.SMTPException):
            smtp.docmd("QUIT")
        return answer
    except smtplib.SMTPResponseException as refused:
        return Answer(refused.smtp_code, _text(refused.smtp_error), stage)
    except (OSError, smtplib.SMTPException) as lost:
        return Answer(0, repr(lost), stage)
    finally:
        smtp.close()


def _text(text):
    return text.decode("utf-8", "replace") if isinstance(text, bytes) else text


# All together --------------------------------------------------------------

class Lab:
    """with Lab() as lab: sink, milterd and Postfix run; then nothing does."""

    def __init__(self, keep=None, postfix=True, **settings):
        if os.geteuid() != 0:
            raise unittest.SkipTest("Postfix's master needs root")
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="vanthu-"))
        self.folder.chmod(0o755)
        self.sink = Sink(keep)
        self.daemon = Daemon(self.folder / "v", **settings)
        self.postfix = None
        if postfix:
            self.postfix = Postfix(
                self.folder / "p", f"unix:{self.daemon.socket}", self.sink)

    def __enter__(self):
        try:
            self.daemon.start()
            if self.postfix is not None:
                self.postfix.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Stop what runs, whatever else goes wrong meanwhile."""
        with contextlib.ExitStack() as stack:
            if os.environ.get("LAB_KEEP"):
                stack.callback(print, "kept:", self.folder, file=sys.stderr)
            else:
                stack.callback(shutil.rmtree, self.folder, True)
            stack.callback(self.sink.close)
            stack.callback(self.daemon.stop)
            if self.postfix is not None:
                stack.callback(self.postfix.stop)

    def send(self, data, recipients, port=None, **kwargs):
        if isinstance(recipients, str):
            recipients = [recipients]
        return send(port or self.postfix.smtp, data, recipients, **kwargs)

    def wait_quiet(self, deadline_s=60.0):
        """Until Postfix has delivered all that it has."""
        wait_for(lambda: not self.postfix.queued(), "an empty queue",
                 deadline_s)


class Result(unittest.TextTestResult):
    """Names as sentences, and the daemon's last words beside a failure."""

    def getDescription(self, test):
        case = getattr(test, "test_case", test)
        name = case.id().rpartition(".")[2].removeprefix("test_")
        name = name.replace("_", " ")
        if case is not test:
            name += " " + test._subDescription()
        return name

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.tell(test)

    def addError(self, test, err):
        super().addError(test, err)
        self.tell(test)

    def tell(self, test):
        lab = getattr(test, "lab", None)
        if lab is not None:
            self.stream.writeln("milterd said last:\n"
                                + lab.daemon.log_tail(12))


def main():
    """Run the tests of the calling module; the last line counts them."""
    program = unittest.main(
        module="__main__", exit=False, verbosity=2,
        testRunner=unittest.TextTestRunner(
            resultclass=Result, verbosity=2, stream=sys.stderr))
    result = program.result
    troubled = result.failures + result.errors + result.skipped
    bad = len({getattr(t, "test_case", t).id() for t, _ in troubled})
    good = result.testsRun - bad
    print(f"{max(good, 0)} passed, {bad} failed", flush=True)
    sys.exit(0 if bad == 0 and good > 0 else 1)
