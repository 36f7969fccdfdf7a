"""Which addresses of a machine people may be on."""

from appliance.lan.interfaces import Interface, candidates, default_routes, interfaces, is_own


def at(name: str, address: str, *, up: bool = True, routed: bool = False) -> Interface:
    return Interface(name, address, f"{address}/24", is_up=up, has_default_route=routed)


def addresses(*found: Interface) -> list[str]:
    return [one.address for one in candidates(found)]


def test_loopback_containers_and_link_local_addresses_are_left_out():
    assert addresses(
        at("lo", "127.0.0.1"),
        at("docker0", "172.17.0.1"),
        at("br-5f2a", "172.18.0.1"),
        at("veth12ab", "172.19.0.1"),
        at("virbr0", "192.168.122.1"),
        at("eth0", "169.254.3.4"),
        at("eth0", "fe80::1"),
        at("eth0", "10.20.0.5"),
    ) == ["10.20.0.5"]


def test_an_interface_that_is_down_is_left_out():
    assert addresses(at("eth0", "10.0.0.1", up=False), at("eth1", "10.0.1.1")) == ["10.0.1.1"]


def test_the_one_that_leads_out_comes_first_and_tunnels_last():
    assert addresses(
        at("wg0", "10.8.0.1", routed=True),
        at("enp1s0", "10.1.0.1"),
        at("wlp2s0", "10.2.0.1", routed=True),
    ) == ["10.2.0.1", "10.1.0.1", "10.8.0.1"]


def test_version_six_counts_only_where_an_interface_has_nothing_else():
    assert addresses(at("eth0", "10.0.0.1"), at("eth0", "fd00::1"), at("eth1", "fd01::1")) == [
        "10.0.0.1",
        "fd01::1",
    ]


def test_the_default_route_is_read_from_the_kernels_table():
    table = (
        "Iface\tDestination\tGateway\tFlags\neth0\t00000000\t010200C0\t0003\neth1\t000200C0\t00000000\t0001\n"
    )
    assert default_routes(table) == {"eth0"}
    assert default_routes("") == frozenset()


def test_this_machine_knows_its_own_addresses():
    found = interfaces()
    assert is_own("127.0.0.1", found)
    assert is_own("127.0.0.2", found)
    assert not is_own("192.0.2.254", found)
    assert not is_own("10.20", found)
    assert "127.0.0.0/8" in {one.network for one in found}
    assert all("%" not in one.address for one in found)
