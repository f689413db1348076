"""What the sandbox provider answers, as services/payment/provider-contract.yaml has it; knows nothing of sockets."""
import asyncio
import decimal
import hashlib
import json

from ledger import Operation


class Refusal(Exception):
    def __init__(self, status, code, detail):
        super().__init__(detail)
        self.status, self.body = status, {"code": code, "detail": detail}


def units_of(text):
    """An amount as text in 10^-4 units."""
    try:
        units = decimal.Decimal(text) * 10000
    except (decimal.InvalidOperation, TypeError, ValueError):
        units = None
    if not isinstance(text, str) or units is None or not units.is_finite() or units < 0 or units != units.to_integral_value():
        raise Refusal(400, "invalid-amount", "amount is a decimal with at most four places")
    return int(units)


class Provider:
    """Runs on the event loop `loop`."""

    def __init__(self, ledger, rules, loop):
        self.ledger, self.rules, self.loop = ledger, rules, loop
        self.not_durable = {}
        self.asked = {"charge": 0, "refund": 0, "void": 0, "find": 0}

    async def charge(self, key, raw):
        self.asked["charge"] += 1
        body = self._body(raw, ("orderId", "amount", "price", "currency"))
        return await self._once(key, raw, lambda fingerprint: self._charged(key, body, fingerprint))

    async def refund(self, key, raw):
        self.asked["refund"] += 1
        body = self._body(raw, ("orderId", "amount", "currency", "charge"))
        return await self._once(key, raw, lambda fingerprint: self._refunded(key, body, fingerprint))

    async def void(self, raw):
        """From now on this key is never charged, unless it has been."""
        self.asked["void"] += 1
        key = self._key(self._body(raw, ("key",))["key"])
        known = self.ledger.find(key)
        if known is None:
            known = Operation(key, "charge", "", 0, "", "", "voided", "", "The charge was voided.", "")
            self._add(known)
        return await self._durable(known)

    async def find(self, key):
        self.asked["find"] += 1
        known = self.ledger.find(key)
        if known is None:
            raise Refusal(404, "unknown-key", "nothing was asked under this key")
        return await self._durable(known)

    def summary(self):
        """What the books say, and how often each thing was asked for."""
        operations = list(self.ledger.by_key.values())
        charges = [one for one in operations if one.kind == "charge" and one.status == "succeeded"]
        refunds = [one for one in operations if one.kind == "refund" and one.status == "succeeded"]
        orders = {one.order_id for one in charges}
        return {
            "charges": len(charges), "captured": sum(one.units for one in charges), "chargedOrders": len(orders),
            "refunds": len(refunds), "refunded": sum(one.units for one in refunds),
            "declined": sum(one.status == "declined" for one in operations),
            "voided": sum(one.status == "voided" for one in operations),
            "asked": self.asked,
        }

    async def _once(self, key, raw, make):
        self._key(key)
        fingerprint = hashlib.blake2b(raw, digest_size=16).hexdigest()
        known = self.ledger.find(key)
        if known is not None and known.fingerprint not in ("", fingerprint):
            raise Refusal(422, "key-reused", "this key was used with another body")
        if known is None:
            known = make(fingerprint)
            if known.kind == "charge" or known.status == "succeeded":
                self._add(known)  # a refund that was declined may be asked for again
        return await self._durable(known)

    def _charged(self, key, body, fingerprint):
        units = units_of(body["amount"])
        declined = self.rules.declines(key, body["price"])
        return Operation(
            key, "charge", body["orderId"], units, body["currency"], "", "declined" if declined else "succeeded",
            "" if declined else f"ch_{hashlib.blake2b(key.encode(), digest_size=12).hexdigest()}",
            "The card was declined." if declined else "", fingerprint)

    def _refunded(self, key, body, fingerprint):
        units = units_of(body["amount"])
        charge = self.ledger.by_reference.get(body["charge"])
        reason = ""
        if charge is None or charge.kind != "charge" or charge.order_id != body["orderId"]:
            reason = "There is no such charge of this order."
        elif units > self.ledger.left_of(charge):
            reason = "More than was charged."
        elif self.rules.happens("refundDeclinedPercent"):
            reason = "The bank refused the refund."
        return Operation(
            key, "refund", body["orderId"], units, body["currency"], body["charge"], "declined" if reason else "succeeded",
            "" if reason else f"re_{hashlib.blake2b(key.encode(), digest_size=12).hexdigest()}", reason, fingerprint)

    def _add(self, operation):
        durable = self.loop.create_future()
        self.not_durable[operation.key] = durable

        def settle():
            del self.not_durable[operation.key]
            durable.set_result(None)

        self.ledger.add(operation, lambda: self.loop.call_soon_threadsafe(settle))

    async def _durable(self, operation):
        """The answer, once what it tells is on the disk."""
        waiting = self.not_durable.get(operation.key)
        if waiting is not None:
            await asyncio.shield(waiting)
        answer = {"key": operation.key, "operation": operation.kind, "status": operation.status}
        if operation.reference:
            answer["reference"] = operation.reference
        if operation.reason:
            answer["reason"] = operation.reason
        return answer

    @staticmethod
    def _key(key):
        if not isinstance(key, str) or not 0 < len(key) <= 255:
            raise Refusal(400, "invalid-key", "an Idempotency-Key of 1..255 characters is needed")
        return key

    @staticmethod
    def _body(raw, names):
        try:
            body = json.loads(raw)
        except ValueError:
            raise Refusal(400, "invalid-body", "the body is not JSON") from None
        if not isinstance(body, dict) or not all(isinstance(body.get(name), str) for name in names):
            raise Refusal(400, "invalid-body", f"the body is an object with the texts {', '.join(names)}")
        return body
