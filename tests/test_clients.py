import pytest

from config.clients import group_address, parse_address


@pytest.mark.parametrize(
    ("address1", "address2", "are_one"),
    [
        pytest.param("192.0.2.1", "192.0.2.2", False, id="two IPv4"),
        pytest.param("192.0.2.1", "::ffff:192.0.2.1", True, id="IPv4, and the same in IPv6"),
        pytest.param("2001:db8::1", "2001:db8::ffff:0:0:2", True, id="IPv6 of one customer"),
        pytest.param("2001:db8::1", "2001:db8:0:1::1", False, id="IPv6 of two customers"),
        pytest.param("fe80::1%eth0", "fe80::2", True, id="IPv6 with a zone"),
    ],
)
def test_addresses_of_one_client_count_as_one(address1: str, address2: str, are_one: bool) -> None:
    client1, client2 = (group_address(parse_address(text)) for text in (address1, address2))

    assert (client1 == client2) == are_one
