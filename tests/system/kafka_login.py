#!/usr/bin/env python3
"""Tries a broker that has to ask for TLS and a user: kafka_login.py ADDRESS PORT, and on its input {"ca": PEM, "username": ..., "password": ...} of `payment`.

Without Kafka's library, since that one tries again what was refused: the few requests of a login, and one that needs rights. Runs where the Service's
address leads to the broker.
"""
import base64
import hashlib
import hmac
import json
import secrets
import socket
import ssl
import struct
import sys

WITHIN = 20
NAME = "kafka"  # that the certificate has to bear
SASL_HANDSHAKE, SASL_AUTHENTICATE, METADATA, API_VERSIONS = 17, 36, 3, 18
MECHANISM = "SCRAM-SHA-512"


class Refused(Exception):
    pass


def text(value):
    return struct.pack(">h", len(value)) + value.encode()


class Reply:
    """Takes Kafka's types off an answer, one after the other."""

    def __init__(self, content):
        self.content = content

    def take(self, form):
        size = struct.calcsize(form)
        value, = struct.unpack(form, self.content[:size])
        self.content = self.content[size:]
        return value

    def bytes(self, form):
        size = self.take(form)
        value, self.content = (self.content[:size], self.content[size:]) if size > 0 else (b"", self.content)
        return value

    def text(self):
        return self.bytes(">h").decode()


class Connection:
    """Without `ca` it speaks plainly."""

    def __init__(self, address, ca=None):
        self.socket = socket.create_connection(address, WITHIN)
        if ca:
            self.socket = ssl.create_default_context(cadata=ca).wrap_socket(self.socket, server_hostname=NAME)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def _exactly(self, size):
        content = b""
        while len(content) < size:
            more = self.socket.recv(size - len(content))
            if not more:
                raise Refused("the connection was closed")
            content += more
        return content

    def ask(self, api, version, body):
        request = struct.pack(">hhi", api, version, 7) + text("test") + body
        try:
            self.socket.sendall(struct.pack(">i", len(request)) + request)
            size, = struct.unpack(">i", self._exactly(4))
            answer = Reply(self._exactly(size)) if 0 < size < 1 << 20 else None
        except TimeoutError:
            raise  # silence is no refusal
        except OSError as error:
            raise Refused(str(error)) from error
        if answer is None or answer.take(">i") != 7:
            raise Refused("the answer is not Kafka's")
        return answer

    def _authenticate(self, message):
        answer = self.ask(SASL_AUTHENTICATE, 0, struct.pack(">i", len(message)) + message.encode())
        code, why = answer.take(">h"), answer.text()
        if code:
            raise Refused(f"error {code}: {why}")
        return answer.bytes(">i").decode()

    def log_in(self, user, password):
        code = self.ask(SASL_HANDSHAKE, 1, text(MECHANISM)).take(">h")
        if code:
            raise Refused(f"no {MECHANISM}: error {code}")
        first = f"n={user},r={secrets.token_hex(16)}"
        challenge = self._authenticate("n,," + first)
        part = dict(field.split("=", 1) for field in challenge.split(","))
        salted = hashlib.pbkdf2_hmac("sha512", password.encode(), base64.b64decode(part["s"]), int(part["i"]))
        client = hmac.digest(salted, b"Client Key", "sha512")
        final = f"c=biws,r={part['r']}"
        signature = hmac.digest(hashlib.sha512(client).digest(), f"{first},{challenge},{final}".encode(), "sha512")
        proof = bytes(a ^ b for a, b in zip(client, signature))
        self._authenticate(f"{final},p={base64.b64encode(proof).decode()}")
        return self

    def error_of(self, topic):
        """What the broker says of a topic to whoever asks; 0 = it may be read or written, 29 = it may not."""
        answer = self.ask(METADATA, 1, struct.pack(">i", 1) + text(topic))
        for _ in range(answer.take(">i")):  # brokers
            answer.take(">i"), answer.text(), answer.take(">i"), answer.text()
        answer.take(">i")  # controller
        assert answer.take(">i") == 1, "one topic was asked for"
        return answer.take(">h")


def refusal(attempt, *arguments):
    """Why it was refused; empty when it was not."""
    try:
        attempt(*arguments)
    except Refused as why:
        return str(why)
    return ""


def main():
    address, given = (sys.argv[1], int(sys.argv[2])), json.load(sys.stdin)
    ca, user, password = given["ca"], given["username"], given["password"]
    with Connection(address) as plain:
        assert refusal(plain.ask, API_VERSIONS, 0, b""), "the broker answers without TLS"
    with Connection(address, ca) as nobody:
        assert refusal(nobody.error_of, "order.events"), "the broker answers whoever has not logged in"
    for name, secret in (("nobody", password), (user, "wrong" + password)):
        with Connection(address, ca) as stranger:
            why = refusal(stranger.log_in, name, secret)
            assert "error 58" in why, f"{name}: {why or 'was let in'}"
    with Connection(address, ca) as known:
        known.log_in(user, password)
        seen = {topic: known.error_of(topic) for topic in ("order.events", "payment.events", "inventory.events")}
        assert seen == {"order.events": 0, "payment.events": 0, "inventory.events": 29}, seen


if __name__ == "__main__":
    main()
