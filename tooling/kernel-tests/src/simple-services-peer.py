"""The kernel as a client of echo, discard and chargen, over TCP and UDP. Arguments: the server's addresses.
Prints "ok" when each answers as its RFC says."""

import socket
import sys

LINE = bytes(range(0x20, 0x20 + 72)) + b"\r\n"


def tcp(address, port):
    return socket.create_connection((address, port), timeout=5)


def rest(connection):
    chunks = []
    while chunk := connection.recv(65536):
        chunks.append(chunk)
    return b"".join(chunks)


def datagram(address, port, data):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as fd:
        fd.settimeout(5)
        fd.sendto(data, (address, port))
        return fd.recv(65535)


for address in sys.argv[1:]:
    with tcp(address, 7) as echo:  # RFC 862
        echo.sendall(b"x" * 5000)
        echo.shutdown(socket.SHUT_WR)
        assert rest(echo) == b"x" * 5000
    with tcp(address, 9) as discard:  # RFC 863
        discard.sendall(b"x" * 1_000_000)
        discard.shutdown(socket.SHUT_WR)
        assert rest(discard) == b""
    with tcp(address, 19) as chargen:  # RFC 864
        assert chargen.recv(74, socket.MSG_WAITALL) == LINE
        chargen.shutdown(socket.SHUT_WR)
        rest(chargen)
    assert datagram(address, 7, b"hello") == b"hello"
    assert len(datagram(address, 19, b"")) <= 512
print("ok")
