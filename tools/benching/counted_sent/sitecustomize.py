"""Counts what a suite sends, and the topologies that it sees: Python loads this by itself in each process that has this
folder in PYTHONPATH.

Each request adds a line "request" to the file that the variable GMAN_BENCH_SENT names, each topology one with the id of
its network, once for each process. Whichever revision of the suite it is, it sends and receives by these sockets; a
topology shows in the answer to a request for it, or as a network of that name.
"""

import os
import re
import socket
import ssl

METHODS = (b"GET /", b"HEAD /", b"OPTIONS /", b"POST /", b"PUT /", b"PATCH /", b"DELETE /")
ANSWER = re.compile(rb'"auto_allocated_topology": ?(\{[^{}]*\})')
NETWORK = re.compile(rb'\{[^{}]*"name": ?"auto_allocated_network"[^{}]*\}')
ID = re.compile(rb'"id": ?"([0-9a-f-]{32,36})"')
MOST = 1 << 20  # bytes of an answer that are looked at

if os.environ.get("GMAN_BENCH_SENT"):
    notes = os.open(os.environ["GMAN_BENCH_SENT"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    answers = {}  # file descriptor -> the answer to its last request, as far as it has arrived
    ids = set()

    def sent(connection, content):
        if bytes(memoryview(content)[:9]).startswith(METHODS):
            os.write(notes, b"request\n")
            answers[connection.fileno()] = bytearray()

    def received(connection, content):
        answer = answers.get(connection.fileno())
        if not content or answer is None or len(answer) > MOST:
            return
        answer += content
        if b"auto_allocated" in answer:
            objects = ANSWER.findall(answer) + NETWORK.findall(answer)
            new = {id_ for item in objects for id_ in ID.findall(item)} - ids
            ids.update(new)
            for id_ in new:
                os.write(notes, id_ + b"\n")

    def watch(kind):
        sendall, recv, recv_into = kind.sendall, kind.recv, kind.recv_into

        def counted_sendall(self, data, *arguments):
            sent(self, data)
            return sendall(self, data, *arguments)

        def watched_recv(self, *arguments):
            content = recv(self, *arguments)
            received(self, content)
            return content

        def watched_recv_into(self, buffer, *arguments):
            number = recv_into(self, buffer, *arguments)
            received(self, memoryview(buffer)[:number])
            return number

        kind.sendall, kind.recv, kind.recv_into = counted_sendall, watched_recv, watched_recv_into

    watch(socket.socket)
    watch(ssl.SSLSocket)
