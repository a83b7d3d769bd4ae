"""Where a webhook may go, and where not: the table of addresses."""

import pytest

from asterisk_callback.notify.channels.public_address import (
    PrivateAddress,
    is_public,
    public_addresses,
)

INSIDE = [
    "127.0.0.1", "127.1.2.3", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1",
    "169.254.169.254", "100.64.0.1", "0.0.0.0", "0.1.2.3", "192.0.0.1", "192.0.2.1", "198.18.0.1",
    "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255",
    "::", "::1", "fe80::1", "fe80::1%eth0", "fec0::1", "fc00::1", "fd12:3456::1", "ff02::1",
    "2001:db8::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254",
    "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b::10.0.0.1", "64:ff9b:1::1",
    "2002:7f00:1::1", "2002:a00:1::", "2002:c0a8:101::1", "100::1", "", "localhost", "2130706433",
]  # fmt: skip
PUBLIC = ["1.1.1.1", "93.184.216.34", "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8"]


@pytest.mark.parametrize("address", INSIDE)
def test_inside(address: str) -> None:
    assert not is_public(address)
    with pytest.raises(PrivateAddress):
        public_addresses("hooks.example.org", 443, look_up=lambda *_: [address])


@pytest.mark.parametrize("address", PUBLIC)
def test_public(address: str) -> None:
    assert is_public(address)
    assert public_addresses("x.example", 443, look_up=lambda *_: [address]) == [address]


def test_one_inside_address_among_public_ones_is_enough_for_a_no() -> None:
    with pytest.raises(PrivateAddress):
        public_addresses("x.example", 443, look_up=lambda *_: ["1.1.1.1", "10.0.0.1"])


def test_named_hosts_may_be_inside_and_no_others() -> None:
    found = public_addresses("crm.lan", 80, ("crm.lan",), lambda *_: ["10.0.0.9"])
    assert found == ["10.0.0.9"]
    with pytest.raises(PrivateAddress):
        public_addresses("evil.crm.lan", 80, ("crm.lan",), lambda *_: ["10.0.0.9"])


def test_a_name_without_an_address() -> None:
    with pytest.raises(OSError, match="no address"):
        public_addresses("x.example", 443, look_up=lambda *_: [])


@pytest.mark.parametrize("host", ["127.1", "0x7f.1", "2130706433", "017700000001", "localhost"])
def test_other_ways_to_write_this_machine(host: str) -> None:
    """As the system itself resolves them."""
    with pytest.raises(OSError):  # noqa: PT011 (Inside, or it does not resolve at all)
        public_addresses(host, 80)
