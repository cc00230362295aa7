"""A router on the kernel's side: router-advertiser.py DEVICE PREFIX. Advertises PREFIX/64 every half second."""

import socket
import struct
import sys
import time

ALL_NODES = "ff02::1"
ROUTER_ADVERTISEMENT = 134

device, prefix = sys.argv[1:]
index = socket.if_nametoindex(device)
sender = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
sender.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)
sender.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, index)
# Hop limit 64, no flags, a router for 1800 s; the kernel fills in the checksum.
message = struct.pack("!BBHBBHII", ROUTER_ADVERTISEMENT, 0, 0, 64, 0, 1800, 0, 0)
with open(f"/sys/class/net/{device}/address") as file:
    message += struct.pack("!BB", 1, 1) + bytes.fromhex(file.read().strip().replace(":", ""))
# MTU 1400; a prefix for addresses, on this link, valid for 7200 s and preferred for 3600 s.
message += struct.pack("!BBHI", 5, 1, 0, 1400)
message += struct.pack("!BBBBIII", 3, 4, 64, 0xC0, 7200, 3600, 0) + socket.inet_pton(socket.AF_INET6, prefix)
while True:
    sender.sendto(message, (ALL_NODES, 0, 0, index))
    print("advertised", flush=True)
    time.sleep(0.5)
