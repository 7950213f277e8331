"""One writer of each kind, at work together until the cloud is gone."""

import contextlib
import json
import threading

from kinds import Documents, Events, Functions, Items, Logs, Objects, Stacks
from raw import Unanswered


def role_of(client):
    """A role for functions."""
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    role = client.call("iam", "CreateRole", RoleName="torture", AssumeRolePolicyDocument=document)["Role"]
    return role["Arn"]


class Writers:
    """One writer of each kind."""

    def __init__(self, client, witness, seed=0, without=()):
        role = role_of(client)
        each = [
            Objects(seed), Items(seed), Functions(role, seed), Events(role, witness, seed), Documents(seed), Logs(seed),
            Stacks(seed),
        ]  # fmt: skip
        self.each = [writer for writer in each if writer.kind not in without]
        # What was not as it should be, in words.
        self.faults = []
        for writer in self.each:
            writer.prepare(client)

    @contextlib.contextmanager
    def at_work(self, client_of, gone, is_excused=lambda fault: False):
        """Writes from a thread for each kind, until it is left and the cloud is `gone`."""

        def work(writer):
            client = client_of()
            while not gone.is_set():
                try:
                    writer.step(client)
                except Unanswered as broken:
                    # Whoever kills says so a moment later.
                    if not gone.wait(5):
                        self.faults.append(f"{broken}")
                except Exception as fault:
                    if not is_excused(fault):
                        self.faults.append(f"{type(fault).__name__}: {fault}")
                gone.wait(writer.pause)
            client.close()

        threads = [threading.Thread(target=work, args=[writer]) for writer in self.each]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            gone.set()
            for thread in threads:
                thread.join()

    def verify(self, client, everything=False):
        return sum(writer.verify(client, self.faults, everything) for writer in self.each)

    def clear(self, client):
        for writer in self.each:
            writer.clear(client)

    def told(self):
        """How much was acknowledged."""
        return "written+deleted " + ", ".join(f"{of.written}+{of.deleted} {of.kind}s" for of in self.each)
