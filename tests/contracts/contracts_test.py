#!/usr/bin/env python3
"""Holds shared/events/asyncapi.yaml and the code to each other: contracts_test.py PATH_OF_EVENT_CONTRACT"""
import copy
import json
import pathlib
import subprocess
import sys
import unittest

import jsonschema
import yaml

HERE = pathlib.Path(__file__).resolve().parent
DOCUMENT = HERE.parents[1] / "shared/events/asyncapi.yaml"
TOOL = sys.argv.pop() if len(sys.argv) > 1 else ""
HUGE = 10**30


def ask(mode, text=""):
    done = subprocess.run([TOOL, mode], input=text, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


class UniqueKeys(yaml.SafeLoader):
    """YAML takes the last of two equal keys without a word."""

    def construct_mapping(self, node, deep=False):
        names = [key.value for key, _ in node.value]
        twice = {name for name in names if names.count(name) > 1}
        if twice:
            raise AssertionError(f"line {node.start_mark.line + 1}: twice in one map: {', '.join(twice)}")
        return super().construct_mapping(node, deep)


def load():
    return yaml.load(DOCUMENT.read_text(encoding="utf-8"), UniqueKeys)


def at(document, reference):
    for part in reference.removeprefix("#/").split("/"):
        document = document[part]
    return document


def references(node):
    if isinstance(node, dict):
        for name, value in node.items():
            if name == "$ref":
                yield value
            else:
                yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def properties_of(document, schema):
    """All properties that a schema names, through references and allOf."""
    found = {}
    if "$ref" in schema:
        found |= properties_of(document, at(document, schema["$ref"]))
    for part in schema.get("allOf", []):
        found |= properties_of(document, part)
    return found | schema.get("properties", {})


def places(value, path=()):
    """The path of every member and element, at any depth."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, inner in items:
        yield (*path, name)
        yield from places(inner, (*path, name))


def replacements(old):
    yield from (None, True, [], {})
    if isinstance(old, str):
        yield from ("", 7, old + "\u0001", "x" * 3000)
    elif not isinstance(old, (dict, list)):
        yield from ("x", "7", 0, -1, 1.5, HUGE)


def changed(value, path, new):
    """A copy with another value at the path; `KeyError` as new value leaves it out."""
    whole = copy.deepcopy(value)
    inner = whole
    for name in path[:-1]:
        inner = inner[name]
    if new is KeyError:
        del inner[path[-1]]
    else:
        inner[path[-1]] = new
    return whole


def bound_to_another(example, path):
    """Fields whose value has to be that of another field, which no schema can say."""
    fields = {"aggregateId"}
    if example["value"].get("items"):
        fields |= {"items", "productId", "quantity", "price"}
    return path[0] in fields and example["type"] == "ORDER_CREATED" or path == ("aggregateId",)


class Contracts(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.document = load()
        cls.messages = cls.document["components"]["messages"]
        cls.examples = [json.loads(line) for line in ask("examples")]

    def validator(self, schema):
        return jsonschema.Draft7Validator({"allOf": [schema], "components": self.document["components"]})

    def headers_of(self, message):
        (trait,) = message["traits"]
        return at(self.document, trait["$ref"])["headers"]

    def test_the_document_is_asyncapi(self):
        shape = json.loads((HERE / "asyncapi-3.schema.json").read_text(encoding="utf-8"))
        faults = [f"{'/'.join(map(str, fault.path))}: {fault.message}" for fault in jsonschema.Draft7Validator(shape).iter_errors(self.document)]
        self.assertEqual(faults, [])
        for reference in references(self.document):
            at(self.document, reference)  # KeyError: it leads nowhere
        for name, schema in self.document["components"]["schemas"].items():
            with self.subTest(schema=name):
                jsonschema.Draft7Validator.check_schema(schema)

    def test_every_message_travels_and_every_schema_is_used(self):
        used = set(references(self.document))
        for kind in ("messages", "schemas", "messageTraits"):
            for name in self.document["components"][kind]:
                self.assertIn(f"#/components/{kind}/{name}", used)
        for name in self.document["channels"]:
            channel = {"$ref": f"#/channels/{name}"}
            told = any(operation["channel"] == channel for operation in self.document["operations"].values())
            self.assertTrue(told or name.endswith("DeadLetters"), f"{name} has no operation")

    def test_topics_and_partitions_are_those_that_the_operator_makes(self):
        made = {name: int(partitions) for name, partitions in (line.split() for line in ask("topics"))}
        written = {}
        for channel in self.document["channels"].values():
            self.assertEqual(channel["address"], channel["bindings"]["kafka"]["topic"])
            written[channel["address"]] = channel["bindings"]["kafka"]["partitions"]
        self.assertEqual(written, made)

    def test_each_type_travels_on_its_topic(self):
        written = {}
        for channel in self.document["channels"].values():
            for name, reference in channel["messages"].items():
                self.assertEqual(reference["$ref"], f"#/components/messages/{name}")
                if name != "DEAD_LETTER":
                    written[name] = channel["address"]
        self.assertEqual(written, {example["type"]: example["topic"] for example in self.examples})

    def test_the_failure_codes_are_those_of_the_code(self):
        self.assertEqual(self.document["components"]["schemas"]["Code"]["x-extensible-enum"], ask("codes"))

    def test_what_is_written_is_as_the_schemas_say(self):
        for example in self.examples:
            with self.subTest(example["name"]):
                message = self.messages[example["type"]]
                self.validator(message["payload"]).validate(example["value"])
                self.validator(self.headers_of(message)).validate(example["headers"])
                self.assertEqual(example["headers"]["ce_type"], example["type"])
                self.assertEqual(example["headers"]["ce_id"], example["value"]["metadata"]["eventId"])
                self.assertEqual(example["headers"]["ce_subject"], example["key"])

    def test_the_schemas_name_exactly_the_fields_that_are_written(self):
        for kind, message in self.messages.items():
            if kind == "DEAD_LETTER":
                continue
            with self.subTest(kind):
                values = [example["value"] for example in self.examples if example["type"] == kind]
                written = {name for value in values for name in value}
                named = {name for name, schema in properties_of(self.document, message["payload"]).items() if schema.get("type") != "null"}
                self.assertEqual(named, written)
                headers = {name for example in self.examples if example["type"] == kind for name in example["headers"]}
                self.assertEqual(set(properties_of(self.document, self.headers_of(message))), headers)

    def test_schema_and_reader_refuse_the_same(self):
        cases = []
        for example in self.examples:
            for path in places(example["value"]):
                old = example["value"]
                for name in path:
                    old = old[name]
                for new in (KeyError, *replacements(old)):
                    cases.append((example, path, new, changed(example["value"], path, new)))
        self.assertGreater(len(cases), 1000)
        verdicts = ask("decode", "".join(json.dumps(value) + "\n" for *_, value in cases))
        validators = {kind: self.validator(message["payload"]) for kind, message in self.messages.items()}
        refused = 0
        for (example, path, new, value), verdict in zip(cases, verdicts, strict=True):
            by_schema = validators[example["type"]].is_valid(value)
            by_reader = verdict == "event"
            refused += not by_reader
            if by_schema and not by_reader and bound_to_another(example, path):
                continue
            if by_schema != by_reader:
                new = "left out" if new is KeyError else repr(new)[:40]
                self.fail(f"{example['name']}: {'/'.join(map(str, path))} {new}: schema {by_schema}, reader: {verdict}")
        self.assertGreater(refused, 500)


if __name__ == "__main__":
    unittest.main()
