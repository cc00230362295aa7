"""The kernel's side of TCP Fast Open, which Node has no word for: fast-open-peer.py serve|ask ADDRESS PORT SIZE...

A connection for each size, one after another: the client sends so many bytes on the SYN if it may, the server sends them
back in reverse. Each side prints "ready" and at the end "done <JSON>": what the server got, or what the client was
answered, as SHA-256.
"""

import hashlib
import json
import socket
import sys

MSG_FASTOPEN = 0x20000000
TCP_FASTOPEN = 23
PLACES = 8


def question(size):
    return bytes((size + i * 7) % 251 for i in range(size))


def receive(connection, size):
    parts = b""
    while len(parts) < size:
        part = connection.recv(65536)
        if part == b"":
            break
        parts += part
    return parts


def serve(address, port, sizes):
    listener = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((address, port))
    listener.setsockopt(socket.IPPROTO_TCP, TCP_FASTOPEN, PLACES)
    listener.listen(PLACES)
    print("ready", flush=True)
    for size in sizes:
        connection = listener.accept()[0]
        got = receive(connection, size)
        connection.sendall(got[::-1])
        receive(connection, 1)
        connection.close()
        yield got


def ask(address, port, sizes):
    print("ready", flush=True)
    for size in sizes:
        connection = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
        said = question(size)
        sent = connection.sendto(said, MSG_FASTOPEN, (address, port))
        connection.sendall(said[sent:])
        got = receive(connection, size)
        connection.close()
        yield got


def main():
    how, address, port, *sizes = sys.argv[1:]
    run = serve if how == "serve" else ask
    heard = run(address, int(port), [int(size) for size in sizes])
    print("done", json.dumps([hashlib.sha256(got).hexdigest() for got in heard]), flush=True)


main()
