"""A mail server for a test: message submission over TLS, with a login. Keeps what it takes in a Maildir.

usage: server.py PORT MAILDIR CERTIFICATE KEY starttls|tls USER PASSWORD
"""

import signal
import ssl
import sys

from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Mailbox
from aiosmtpd.smtp import AuthResult, LoginPassword

port, maildir, certificate, key, mode, user, password = sys.argv[1:]
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(certificate, key)


def login(_server, _session, _envelope, _mechanism, data):
    """Lets one user in."""
    expected = LoginPassword(user.encode(), password.encode())
    return AuthResult(success=data == expected, handled=False)


class Box(Mailbox):
    """Refuses one recipient in words that quote the address, as real servers do."""

    async def handle_RCPT(self, _server, _session, envelope, address, options):
        if address.startswith("nobody@"):
            return f"550 5.1.1 <{address}>: no such user here"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 OK"


settings = {"authenticator": login, "auth_required": True, "auth_require_tls": mode == "starttls"}
if mode == "starttls":
    settings |= {"tls_context": context, "require_starttls": True}
else:
    settings |= {"ssl_context": context}
server = Controller(Box(maildir), hostname="127.0.0.1", port=int(port), **settings)
server.start()
print("ready", file=sys.stderr, flush=True)
signal.sigwait([signal.SIGTERM, signal.SIGINT])
server.stop()
