"""Who may talk to the cloud: loopback names, same-site browsers, signed requests."""

import os
import socket
import stat

import pytest
import requests


def send(machine, **headers):
    url = f"http://127.0.0.1:{machine.port}/"
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    form = {"Action": "GetCallerIdentity", "Version": "2011-06-15"}
    return requests.post(url, data=form, headers=headers)


@pytest.mark.parametrize("host", ["evil.example", "evil.example:4566", "127.0.0.1.evil.example"])
def test_a_foreign_host_is_refused(shared_machine, host):
    assert send(shared_machine, Host=host).status_code in (400, 403, 421)


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec_Fetch_Site": "cross-site"}]
)
def test_a_page_of_another_site_is_refused(shared_machine, headers):
    answer = send(shared_machine, **headers)
    assert answer.status_code == 403
    assert "access-control-allow-origin" not in answer.headers


def test_an_unsigned_request_is_refused(shared_machine):
    answer = send(shared_machine)
    assert answer.status_code == 403
    assert "MissingAuthenticationToken" in answer.text


def test_only_loopback_listens(shared_machine):
    with socket.create_connection(("127.0.0.1", shared_machine.port), timeout=5):
        pass
    listening = open("/proc/net/tcp").read().splitlines()[1:]
    port = f"{shared_machine.port:04X}"
    addresses = {line.split()[1].split(":")[0] for line in listening if line.split()[1].endswith(":" + port) and line.split()[3] == "0A"}
    assert addresses == {"0100007F"}


def test_another_interface_needs_a_word_more(machine):
    refused = machine.run("cloud", "start", "--foreground", "--host", "0.0.0.0", code=1)
    assert "--allow-remote" in refused.stderr


def test_keys_are_private(shared_machine):
    path = shared_machine.home / "cloud" / "credentials.json"
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    assert stat.S_IMODE(os.stat(path.parent).st_mode) == 0o700


def test_open_accepts_any_key_and_a_number_is_the_account(machine):
    machine.run("cloud", "start", "--open")
    for key, account in [("test", "000000000000"), ("123456789012", "123456789012")]:
        client = machine.client("sts", aws_access_key_id=key, aws_secret_access_key="test")
        assert client.get_caller_identity()["Account"] == account
