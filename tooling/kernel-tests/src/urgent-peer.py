"""The kernel's side of an exchange with urgent data, which Node cannot send: urgent-peer.py listen|connect ADDRESS PORT.

Sends the same as the other side, urgent.ts; prints what it saw as one line, "seen <JSON>".
"""

import json
import select
import socket
import sys
import time

POLLRDHUP = 0x2000
PATIENCE_S = 10


def open_connection(how, address, port):
    if how == "listen":
        listener = socket.create_server((address, port))
        print("ready", flush=True)
        return listener.accept()[0]
    give_up = time.monotonic() + PATIENCE_S
    while True:
        try:
            return socket.create_connection((address, port))
        except ConnectionRefusedError:
            if time.monotonic() > give_up:
                raise
            time.sleep(0.02)


def wait_for(connection, event):
    poll = select.poll()
    poll.register(connection, event)
    if not poll.poll(PATIENCE_S * 1000):
        raise TimeoutError(f"event {event:#x} did not come")


def main():
    how, address, port = sys.argv[1:]
    connection = open_connection(how, address, int(port))
    connection.send(b"abc")
    connection.send(b"!", socket.MSG_OOB)
    connection.send(b"def")
    connection.shutdown(socket.SHUT_WR)
    wait_for(connection, select.POLLPRI)
    urgent = connection.recv(1, socket.MSG_OOB)
    wait_for(connection, POLLRDHUP)  # all has arrived: if a read stops, it is for the mark
    parts = list(iter(lambda: connection.recv(100).decode(), ""))
    print("seen", json.dumps({"urgent": urgent.decode(), "parts": parts}), flush=True)


main()
