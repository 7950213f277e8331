"""What a browser sees at the cloud's own port, and that everybody else sees AWS."""

import html
import re

import requests

HTML = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


def test_a_browser_gets_a_page(machine, project):
    machine.run("cloud", "start")
    root = f"http://127.0.0.1:{machine.port}/"
    empty = requests.get(root, headers=HTML)
    assert empty.status_code == 200 and "slam's embedded cloud" in empty.text and "None yet" in empty.text
    # The comments of the commands stand in one column.
    commands = html.unescape(re.search("<pre>(.*?)</pre>", empty.text, re.S).group(1)).splitlines()
    assert len({line.index("# ") for line in commands if "# " in line}) == 1, commands
    folder = project("tasks-api", keep_config=True)
    urls = [stage["url"] for stage in machine.json("deploy", cwd=folder)["stages"] if stage.get("url")]
    page = requests.get(root, headers=HTML)
    assert urls and all(f'href="{url}"' in page.text for url in urls) and "tasks-api" in page.text
    assert "<script" not in page.text and "default-src 'none'" in page.headers["content-security-policy"]
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    # No page from elsewhere may look.
    foreign = requests.get(root, headers={**HTML, "origin": "https://example.com"})
    assert "embedded cloud" not in foreign.text
    assert requests.get(root, headers={**HTML, "host": "example.com"}).status_code == 403


def test_s3_stays_at_the_same_place(machine):
    machine.run("cloud", "start")
    machine.client("s3").create_bucket(Bucket="listed")
    assert [bucket["Name"] for bucket in machine.client("s3").list_buckets()["Buckets"]] == ["listed"]
    unsigned = requests.get(f"http://127.0.0.1:{machine.port}/")
    assert unsigned.status_code == 403 and "<Code>AccessDenied</Code>" in unsigned.text
    # A browser at a bucket's own host wants the bucket.
    bucket = requests.get(f"http://127.0.0.1:{machine.port}/", headers={**HTML, "host": f"listed.s3.localhost:{machine.port}"})
    assert "embedded cloud" not in bucket.text
