"""Each member of each operation of a service, generated from botocore's models: does a call with it differ from one without?

An error is no effect: a member must be accepted to be seen, but where the recipe says that the error shows it (`REFUSES`).
"""

import re

import operations

from members.inputs import ABSENT, base, candidates, paths, put
from members.seen import READING, Seen, differ

# Why no effect is seen of a member that is refused by its name.
REFUSED = "refused by its name"

# What goes on with a list, and what its pages call it; and what makes pages short.
TOKENS = {
    "ExclusiveStartKey": ["LastEvaluatedKey"],
    "ExclusiveStartStreamArn": ["LastEvaluatedStreamArn"],
    "ExclusiveStartShardId": ["LastEvaluatedShardId"],
    "ExclusiveStartTableName": ["LastEvaluatedTableName"],
    "KeyMarker": ["NextKeyMarker"],
    "Marker": ["NextMarker"],
    "NextToken": [],
    "PartNumberMarker": ["NextPartNumberMarker"],
    "UploadIdMarker": ["NextUploadIdMarker"],
    "VersionIdMarker": ["NextVersionIdMarker"],
    "ContinuationToken": ["NextContinuationToken"],
    "nextToken": ["nextForwardToken"],
    "position": [],
}
LIMITS = ["Limit", "MaxBuckets", "MaxItems", "MaxKeys", "MaxParts", "MaxResults", "MaxUploads", "limit"]

# AWS's own words for headers that are for directory buckets.
NOT_OF_BUCKETS = "A header you provided implies functionality that is not implemented"


class Sweep:
    """All members of a service's operations."""

    def __init__(self, world, recipe):
        self.world, self.recipe, self.service = world, recipe, recipe.SERVICE
        self.baselines, self.readers = {}, {}
        refused = [row[1:3] for row in operations.refused_parameters() if row[0] == self.service]
        self.refused = set(map(tuple, refused))

    def members(self):
        """Operation, path, structure and shape of each member that is accepted and not required in its structure."""
        for operation in sorted(operations.manual()[self.service][0]):
            shape = operations.model(self.service).operation_model(operation).input_shape
            for path, of, member in paths(shape):
                ends = [".".join(path.split(".")[: depth + 1]) for depth in range(path.count(".") + 1)]
                if path.rpartition(".")[2] in of.required_members or any((operation, end) in self.refused for end in ends):
                    continue
                # A structure that may be empty says nothing itself; a union's members are not optional.
                inner = member.member if member.type_name == "list" else member
                says_nothing = inner.type_name == "structure" and not inner.required_members
                known = member.type_name == "list" and self.recipe.knows(operation, path.rpartition(".")[2])
                if getattr(of, "is_tagged_union", False) or says_nothing and not known:
                    continue
                yield operation, path, member

    def run(self):
        """Operation, path → why no effect is seen, or None where it is."""
        found, last = {}, None
        for operation, path, member in self.members():
            if operation != last:
                self.recipe.tidy(self.world)
            found[operation, path], last = self.examine(operation, path, member), operation
        self.recipe.tidy(self.world)
        return found

    def examine(self, operation, path, member):
        """Why no effect of a member is seen, or None."""
        shape = operations.model(self.service).operation_model(operation).input_shape
        more = self.recipe.TOGETHER.get((operation, path), {})
        name = path.rpartition(".")[2]
        probe = self.subject(operation)
        # What the values name is made before the calls are compared.
        values = self.token(operation, path, shape, more)
        values = candidates(probe, name, member, path) if values is None else values
        call = (operation, path, shape, more)
        without = self.without(*call)[0]
        why = "no value, or no second page"
        for turn, value in enumerate(values):
            subject = self.subject(operation)
            if subject is not probe:
                own = candidates(subject, name, member, path)
                value = own[turn] if len(own) == len(values) else value
            seen = Seen(subject, self.service, put(base(subject, shape, more), shape, path, value, subject))
            if seen.error and not (seen.error == without.error == self.recipe.FAILS.get((operation, path))):
                if not without.error and seen.error in self.refusals(operation, path):
                    return None
                if refuses_by_name(seen.answer, path, member):
                    why = REFUSED
                    if member.type_name == "boolean":
                        # False asks for nothing.
                        break
                else:
                    whose = "both are refused" if without.error else "refused"
                    why = f"{whose}: {seen.error}: {seen.answer['message'][:200]}"
            elif self.effect(*call, seen):
                return None
            else:
                why = f"no effect of {str(value)[:80]}"
        return why

    def refusals(self, operation, path):
        """The codes of errors that show a member's effect."""
        everywhere = self.recipe.REFUSES.get(("*", path.rpartition(".")[2]), ())
        return self.recipe.REFUSES.get((operation, path), everywhere)

    def effect(self, operation, path, shape, more, other):
        """Whether a call differs from those without the member; once more without it shows that this is no chance."""
        equal = self.without(operation, path, shape, more)
        for seen in (lambda call: call.told, lambda call: call.later()):
            if differ([seen(one) for one in equal], seen(other)):
                again = self.once_without(operation, path, shape, more)
                if differ([seen(one) for one in (*equal, again)], seen(other)):
                    return True
                equal.append(again)
        return False

    def once_without(self, operation, path, shape, more):
        """What is seen of the call without a member."""
        subject = self.subject(operation)
        return Seen(subject, self.service, put(base(subject, shape, more), shape, path, ABSENT, subject))

    def without(self, operation, path, shape, more):
        """What is seen of the call without a member, twice: once for all members that leave the same."""
        taken_away = path.partition(".")[0] in {**self.recipe.BASE.get(operation, {}), **more} or "." in path
        key = (operation, path if taken_away else "", repr(more))
        if key not in self.baselines:
            self.baselines[key] = [self.once_without(operation, path, shape, more) for _ in range(2)]
        return self.baselines[key]

    def subject(self, operation):
        """A subject of its own; of an operation that only reads, the one for all its calls."""
        if READING.match(operation):
            if operation not in self.readers:
                self.readers[operation] = self.recipe(self.world, operation)
            return self.readers[operation]
        return self.recipe(self.world, operation)

    def token(self, operation, path, shape, more):
        """Of a member that goes on with a list: what its first page said."""
        if path not in TOKENS or self.recipe.knows(operation, path):
            return None
        subject = self.subject(operation)
        limit = {name: 1 for name in LIMITS if name in shape.members}
        first = self.world.call(self.service, operation, {**base(subject, shape, more), **limit})
        found = [first[name] for name in (path, *TOKENS[path]) if first.get(name)]
        return found[:1]


def refuses_by_name(answer, path, shape):
    """Whether an error says that this member is not there. The answer to a HEAD has no body to tell it."""
    words = [word.rstrip("s") + "s?" for word in path.split(".")]
    on_the_wire = re.escape(shape.serialization.get("name", words[-1]))
    named = any(re.search(rf"\b{word}\b", answer["message"]) for word in (*words, f"(?i:{on_the_wire})"))
    return answer["error"] == "501" or answer["error"] == "NotImplemented" and (named or NOT_OF_BUCKETS in answer["message"])
