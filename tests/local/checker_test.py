#!/usr/bin/env python3
"""The checker's look at the provider's books finds each way in which they can differ from the databases."""
import pathlib
import sys
import types
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "sandbox")]
from checker import check_books  # noqa: E402
from ledger import Operation  # noqa: E402


def charge(order, units=199900, status="succeeded", reference=None, key=None):
    return Operation(key or f"order:{order}:charge", "charge", order, units, "EUR", "", status, reference or f"ch_{order}", "", "f")


def refund(order, units=199900):
    return Operation(f"order:{order}:refund", "refund", order, units, "EUR", f"ch_{order}", "succeeded", f"re_{order}", "", "f")


def payment(order, state, units=199900):
    paid = state in ("COMPLETED", "REFUNDED", "REFUNDING")
    return [order, state, str(units), f"ch_{order}" if paid else "", f"re_{order}" if state == "REFUNDED" else ""]


def found(operations, payments, completed):
    backends = types.SimpleNamespace(sql=lambda statement, database: payments if "FROM payments" in statement else [[str(completed)]])
    sandbox = types.SimpleNamespace(operations=lambda: operations)
    return check_books(types.SimpleNamespace(backends=backends, sandbox=sandbox, database=lambda name: name))


class CheckBooksTest(unittest.TestCase):
    def test_books_that_agree(self):
        self.assertEqual(found(
            [charge("a"), charge("b"), refund("b"), charge("c", status="declined"), charge("", status="voided", key="order:d:charge")],
            [payment("a", "COMPLETED"), payment("b", "REFUNDED"), payment("c", "FAILED"), payment("d", "VOIDED")], 199900), [])

    def test_every_difference(self):
        paid = [payment("a", "COMPLETED")]
        for name, operations, payments, completed in (
                ("charged twice", [charge("a"), charge("a", key="another")], paid, 399800),
                ("paid back twice", [charge("a"), refund("a"), refund("a")], [payment("a", "REFUNDED")], -199900),
                ("never charged", [], paid, 0),
                ("another amount", [charge("a", 1)], paid, 1),
                ("another charge", [charge("a", reference="ch_x")], paid, 199900),
                ("paid back all the same", [charge("a"), refund("a")], paid, 0),
                ("not paid back", [charge("a")], [payment("a", "REFUNDED")], 199900),
                ("declined and charged", [charge("a")], [payment("a", "FAILED")], 199900),
                ("voided and charged", [charge("a")], [payment("a", "VOIDED")], 199900),
                ("charged for nobody", [charge("a")], [], 199900),
                ("the sum", [charge("a")], paid, 0)):
            with self.subTest(name):
                self.assertEqual(len(found(operations, payments, completed)), 1)


if __name__ == "__main__":
    unittest.main()
