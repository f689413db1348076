"""What the clients saw against what the platform kept (I1, I2, I8, I12), and what the sink got (I6)."""
import collections
import http.client
import json
import random
import urllib.parse

SAMPLED_KEYS = 20


def _post(base, body, key):
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(base).netloc, timeout=15)
    try:
        connection.request("POST", "/api/orders", json.dumps(body), {"Content-Type": "application/json", "Idempotency-Key": key})
        answer = connection.getresponse()
        text = answer.read()
        return answer.status, json.loads(text or b"{}")
    finally:
        connection.close()


def check_history(services, history):
    bad = []
    database = services.database("order")
    rows = services.backends.sql("SELECT BIN_TO_UUID(id), user_id FROM orders", database)
    by_user = collections.defaultdict(set)
    for order, user in rows:
        by_user[user].add(order)
    for request in history:
        stored = by_user.get(request.user, set())
        bad += [f"{request.user} was answered {fault}" for fault in request.faults]
        if request.foreign:
            bad.append(f"a client of {request.user} got the answer of another request")
        if len(stored) > 1:
            bad.append(f"{request.user} asked for one order and has {len(stored)}: {sorted(stored)}")
        if len(request.ids) > 1:
            bad.append(f"{request.user} was told of {len(request.ids)} orders for one key")
        if request.ids - stored:
            bad.append(f"{request.user} was told of {sorted(request.ids)}; stored is {sorted(stored)}")
        if request.outcome == "refused" and stored and not request.key and 503 not in request.statuses:
            bad.append(f"{request.user} was refused with {request.statuses} and has an order")
    known = {request.user for request in history}
    bad += [f"an order of {user} exists that nobody asked for" for user in by_user if user and user not in known]
    bad += _check_keys(services, history)
    bad += _check_sink(services)
    return bad


def _check_keys(services, history):
    """The same key again gives the same order, with another body 422."""
    bad = []
    settled = [request for request in history if request.key and request.ids]
    for request in random.Random(len(settled)).sample(settled, min(SAMPLED_KEYS, len(settled))):
        status, answer = _post(services.base, request.body, request.key)
        if status not in (200, 201, 202) or answer.get("orderId") not in request.ids:
            bad.append(f"{request.key} again: {status} {answer.get('orderId')} instead of {request.ids}")
        status, _ = _post(services.base, {**request.body, "quantity": 77}, request.key)
        if status != 422:
            bad.append(f"{request.key} with another body: {status} instead of 422")
    return bad


def _check_sink(services):
    """Each (order, kind) reaches the log's sink under one message id only."""
    if "SMTP_URL" in services.extra.get("notification", {}):
        return []  # mails.py has a sink of its own
    ids = collections.defaultdict(set)
    for line in (services.folder / "notification.log").read_text(errors="replace").splitlines():
        if '"message_id"' not in line:
            continue
        try:
            entry = json.loads(line)
        except ValueError:
            continue  # a line that a kill -9 cut
        if "kind" in entry and "order_id" in entry:
            ids[entry["order_id"], entry["kind"]].add(entry["message_id"])
    if not ids:
        return ["the notification log has no message: the sink was not looked at"] if _notified(services) else []
    return [f"order {order} was told {kind} under {len(found)} message ids" for (order, kind), found in ids.items() if len(found) > 1]


def _notified(services):
    rows = services.backends.sql("SELECT COUNT(*) FROM notifications WHERE state = 'SENT'", services.database("notification"))
    return int(rows[0][0])
