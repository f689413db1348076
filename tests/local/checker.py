"""An independent look at what the platform did: reads MySQL and all topics, knows nothing of the services' code.

check() gives a list of violations, empty when every accepted order ended once and money and stock add up.
"""
import collections
import json


def _events(backends, topic):
    """(order id, type, value) of each record; repeats of an event id are one event."""
    seen = {}
    for key, value in backends.topic(topic):
        if key.startswith("poison"):
            continue  # the fault tests' bad records
        event = json.loads(value)
        seen[event["metadata"]["eventId"]] = (event["orderId"], event["eventType"], event)
        if key != event["orderId"]:
            raise AssertionError(f"{topic}: key {key} of an event of order {event['orderId']}")
    return list(seen.values())


def _by_order(events):
    grouped = collections.defaultdict(collections.Counter)
    for order, kind, _ in events:
        grouped[order][kind] += 1
    return grouped


def check_books(services):
    """The provider's own books against payments_db and orders_db: money moved once, and only where an order is paid."""
    bad = []
    charges, refunds = collections.defaultdict(list), collections.defaultdict(list)
    for one in services.sandbox.operations():
        if one.status == "succeeded":
            (charges if one.kind == "charge" else refunds)[one.order_id].append(one)
    for kind, booked in (("charged", charges), ("paid back", refunds)):
        bad += [f"order {order} was {kind} {len(found)} times" for order, found in booked.items() if len(found) > 1]
    payments = {row[0]: row[1:] for row in services.backends.sql(
        "SELECT BIN_TO_UUID(order_id), state, CAST(amount * 10000 AS SIGNED), transaction_id, refund_id FROM payments",
        services.database("payment"))}
    for order, (state, units, transaction, refund) in payments.items():
        charge, back = charges.get(order, [None])[0], refunds.get(order, [None])[0]
        if state in ("COMPLETED", "REFUNDED") and (charge is None or (charge.units, charge.reference) != (int(units), transaction)):
            bad.append(f"order {order} is {state} with {units} by {transaction}, the books have {charge}")
        if state == "REFUNDED" and (back is None or (back.units, back.reference) != (int(units), refund)):
            bad.append(f"order {order} is REFUNDED with {units} by {refund}, the books have {back}")
        if state == "COMPLETED" and back is not None or state in ("FAILED", "VOIDED") and charge is not None:
            bad.append(f"order {order} is {state}, the books have {charge} and {back}")
    bad += [f"order {order} was charged and has no payment" for order in charges.keys() - payments.keys()]
    kept = sum(one.units for found in charges.values() for one in found) - sum(one.units for found in refunds.values() for one in found)
    wanted = int(services.backends.sql(
        "SELECT CAST(COALESCE(SUM(amount), 0) * 10000 AS SIGNED) FROM orders WHERE status = 'COMPLETED'", services.database("order"))[0][0])
    if kept != wanted:
        bad.append(f"the provider kept {kept} units, completed orders add up to {wanted}")
    return bad


def _check_topics(services, orders):
    backends, bad = services.backends, []
    database = services.database
    # What was taken is what completed orders ask for; lines of an order are read from its event.
    taken = {row[0]: int(row[1]) for row in backends.sql(
        "SELECT product_id, -SUM(delta) FROM stock_movements WHERE movement IN ('RESERVED', 'RELEASED') GROUP BY product_id", database("inventory"))}
    told_of_orders = _events(backends, services.topic("order"))
    several = {order: event["items"] for order, kind, event in told_of_orders if kind == "ORDER_CREATED" and event.get("items")}
    wanted = collections.Counter()
    for order, product, quantity in backends.sql(
            "SELECT BIN_TO_UUID(id), product_id, quantity FROM orders WHERE status = 'COMPLETED'", database("order")):
        for line in several.get(order, [{"productId": product, "quantity": int(quantity)}]):
            wanted[line["productId"]] += line["quantity"]
    for product in taken.keys() | wanted.keys():
        if taken.get(product, 0) != wanted.get(product, 0):
            bad.append(f"{product}: {taken.get(product, 0)} taken, completed orders have {wanted.get(product, 0)}")

    # One creation and one ending of each order (apart from repeats of the same event), the ending that the database has.
    told = _by_order(told_of_orders)
    for order, (status, _) in orders.items():
        kinds = told.get(order, {})
        if kinds.get("ORDER_CREATED", 0) < 1:
            bad.append(f"order {order}: ORDER_CREATED was never told")
        for ending, its_status in (("ORDER_COMPLETED", "COMPLETED"), ("ORDER_CANCELLED", "CANCELLED")):
            if (kinds.get(ending, 0) > 0) != (status == its_status):
                bad.append(f"order {order} is {status}, and {ending} was told {kinds.get(ending, 0)} times")
    for order in told.keys() - orders.keys():
        bad.append(f"order {order} was told of and is not in the database")
    charged = collections.Counter()
    for order, kind, event in _events(backends, services.topic("payment")):
        if kind == "PAYMENT_COMPLETED":
            charged[order, event["transactionId"]] += 1
    transactions = collections.Counter(order for order, _ in charged)
    bad += [f"order {order} was charged {count} times" for order, count in transactions.items() if count > 1]
    return bad


def check(services, accepted, topics=True):
    """`topics`: also what the topics tell, for which the broker has to be in reach."""
    backends, bad = services.backends, []
    database = services.database

    # 1. Every accepted order exists and is terminal; no order exists that nobody asked for twice.
    orders = {row[0]: row[1:] for row in backends.sql(
        "SELECT BIN_TO_UUID(id), status, saga_state FROM orders", database("order"))}
    for order in accepted:
        if order not in orders:
            bad.append(f"order {order} was accepted and is lost")
        elif orders[order][0] not in ("COMPLETED", "CANCELLED"):
            bad.append(f"order {order} is not terminal: {orders[order]}")

    # 2. Outboxes are empty: nothing waits to be told.
    for name in ("order", "payment", "inventory", "notification"):
        waiting = int(backends.sql("SELECT COUNT(*) FROM outbox", database(name))[0][0])
        if waiting:
            bad.append(f"{waiting} rows wait in the outbox of {name}")

    # 3. Money: one payment an order; completed ones are paid, cancelled ones are not.
    payments = {row[0]: row[1] for row in backends.sql("SELECT BIN_TO_UUID(order_id), state FROM payments", database("payment"))}
    unpaid = {"FAILED", "REFUNDED", "VOIDED"}
    for order, (status, _) in orders.items():
        state = payments.get(order)
        if status == "COMPLETED" and state != "COMPLETED":
            bad.append(f"order {order} is COMPLETED and its payment {state}")
        if status == "CANCELLED" and state not in unpaid:
            bad.append(f"order {order} is CANCELLED and its payment {state}")
    if services.sandbox:
        bad += check_books(services)

    # 4. Stock: never negative, equal to the sum of its movements, reservations as the orders ended.
    for product, available, reserved, moved, held in backends.sql(
            "SELECT i.product_id, i.available, i.reserved, "
            "(SELECT COALESCE(SUM(m.delta), 0) FROM stock_movements m WHERE m.product_id = i.product_id), "
            "(SELECT COALESCE(SUM(COALESCE(l.quantity, r.quantity)), 0) FROM reservations r LEFT JOIN reservation_lines l ON l.order_id = r.order_id "
            " WHERE r.state = 'RESERVED' AND COALESCE(l.product_id, r.product_id) = i.product_id) "
            "FROM inventory_items i", database("inventory")):
        if int(available) < 0 or int(available) != int(moved):
            bad.append(f"{product}: {available} available, its movements say {moved}")
        if int(reserved) != int(held):
            bad.append(f"{product}: {reserved} reserved, its reservations hold {held}")
    if topics:
        bad += _check_topics(services, orders)

    # 5. The customer of each ended order is told once of each kind (the primary key says once; here: that it was sent).
    sent = {row[0] for row in backends.sql(
        "SELECT BIN_TO_UUID(order_id) FROM notifications WHERE kind IN ('order-completed', 'order-cancelled') AND state = 'SENT'",
        database("notification"))}
    bad += [f"order {order}: nobody told its customer" for order in accepted if order in orders and order not in sent]
    return bad
