"""Clients of the kernel's that knock at once: crowd-peer.py ADDRESS PORT COUNT.

Prints "connected" when all are, waits for a line, says hello on each, and prints "done <JSON>": what each was answered up
to the end of its stream, or the name of its error.
"""

import errno
import json
import select
import socket
import sys

HELLO = b"hello"
PATIENCE_S = 15


def knock(address, port):
    client = socket.socket()
    client.setblocking(False)
    client.connect_ex((address, port))
    return client


def wait_connected(client):
    poll = select.poll()
    poll.register(client, select.POLLOUT)
    if not poll.poll(PATIENCE_S * 1000):
        raise TimeoutError("not connected")
    client.settimeout(PATIENCE_S)


def talk(client):
    try:
        client.sendall(HELLO)
        return b"".join(iter(lambda: client.recv(100), b"")).decode()
    except TimeoutError:
        return "ETIMEDOUT"
    except OSError as error:
        return errno.errorcode[error.errno]


def main():
    address, port, count = sys.argv[1:]
    clients = [knock(address, int(port)) for _ in range(int(count))]
    for client in clients:
        wait_connected(client)
    print("connected", flush=True)
    sys.stdin.readline()
    print("done", json.dumps([talk(client) for client in clients]), flush=True)


main()
