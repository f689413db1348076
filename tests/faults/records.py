"""The records of the topics, read by librdkafka and json alone: dead letters, the timelines' truth, questions asked twice."""
import collections
import json
import random
import urllib.request

from kafka_client import Client

DEFECT_OF_YESTERDAY = b"a defect of yesterday"  # the reason in letters that a trial wrote by itself
SAMPLED_TIMELINES = 10
LARGEST = 2_000_000


def strange_letters(here):
    """Dead letters that no trial has provoked (poison, told by its header) or written (redrive)."""
    with Client(here.servers(), fetch_message_max_bytes=LARGEST) as client:
        letters = client.read([f"{topic}.DLT" for topic in here.topics], here.backends.partitions)
    bad = []
    for one in letters:
        headers = dict(one.headers)
        why = headers.get("kafka_dlt-exception-message", b"")
        if "poison" not in headers and why != DEFECT_OF_YESTERDAY:
            group = headers.get("kafka_dlt-original-consumer-group", b"").decode(errors="replace")
            bad.append(f"a good record became a dead letter of {group}: {one.topic} {one.partition}/{one.offset}, {why.decode(errors='replace')[:200]}")
    return bad


def _by_order(here, since):
    """{order: [(record, event)]} of what was written since the offsets `since`."""
    found = collections.defaultdict(list)
    with Client(here.servers(), fetch_message_max_bytes=LARGEST) as client:
        for one in client.read(here.topics, here.backends.partitions, since):
            if not one.key.startswith(b"poison"):
                found[one.key.decode()].append((one, json.loads(one.value)))
    return found


def check_timelines(here, since, orders):
    """GET /api/orders/{id}/events of some orders against the records themselves: each is told, at its place, and nothing else."""
    told, bad = _by_order(here, since), []
    for order in random.Random(len(orders)).sample(sorted(orders), min(SAMPLED_TIMELINES, len(orders))):
        url = f"http://127.0.0.1:{here.services.ports['order']}/api/orders/{order}/events"
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:
                timeline = json.loads(answer.read())
        except OSError as error:
            return [*bad, f"timelines cannot be read: {error}"]
        shown = {(step["topic"], step["partition"], step["offset"], step["type"], step["eventId"]) for step in timeline["events"]}
        wanted = {(one.topic, one.partition, one.offset, event["eventType"], event["metadata"]["eventId"]) for one, event in told[order]}
        if shown != wanted or not wanted:
            bad.append(f"the timeline of {order} lacks {sorted(wanted - shown)} and has {sorted(shown - wanted)} that no topic has")
    return bad


def asked_again(here, since):
    """(orders that were asked for under a second event id, all orders) since the offsets `since`."""
    asked = [{event["metadata"]["eventId"] for _, event in found if event["eventType"] == "ORDER_CREATED"} for found in _by_order(here, since).values()]
    return sum(len(ids) > 1 for ids in asked), sum(len(ids) > 0 for ids in asked)
