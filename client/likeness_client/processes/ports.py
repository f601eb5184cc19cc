"""Ports of this machine."""

import socket


def is_free(host: str, port: int) -> bool:
    """Whether a server could listen on host:port now. False, too, for a host that is not this machine's."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        # As servers do: connections that lately ended do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def is_ours(host: str) -> bool:
    """Whether a server could listen on some port of `host`: an address or a name of this machine."""
    return is_free(host, 0)


def free_ports(count: int) -> list[int]:
    """Different free ports of the loopback interface."""
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]
    finally:
        for probe in probes:
            probe.close()
