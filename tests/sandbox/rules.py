"""What the sandbox provider does besides its work: declines, delays, failures. Can be changed while it runs; seeded."""
import hashlib
import random

DEFAULTS = {
    "seed": 1,
    "declinedPrice": "9999.99",      # of one piece; "" declines none
    "declinedPercent": 0,            # of the charges, by their key: the same key is always decided alike
    "refundDeclinedPercent": 0,      # of the tries to pay back: the next try may succeed
    "latencyMs": 0,                  # before each answer
    "errorPercent": 0,               # 500 before anything happened
    "lostAnswerPercent": 0,          # it happened, and the answer is lost
    "lostAnswerMode": "cut",         # "cut": the connection ends; "hang": it stays open and silent
    "outage": "none",                # "error": 503; "cut": connections end; "hang": no answer until the outage ends
}
CHOICES = {"lostAnswerMode": ("cut", "hang"), "outage": ("none", "error", "cut", "hang")}


class Rules:
    def __init__(self):
        self.values = dict(DEFAULTS)
        self.random = random.Random(self.values["seed"])

    def __getitem__(self, name):
        return self.values[name]

    def change(self, values):
        """Raises ValueError for what is not a rule; changes nothing then."""
        for name, value in values.items():
            if name not in DEFAULTS:
                raise ValueError(f"there is no rule {name}")
            if name in CHOICES and value not in CHOICES[name]:
                raise ValueError(f"{name} is one of {', '.join(CHOICES[name])}")
            number = isinstance(DEFAULTS[name], int)
            if number and (isinstance(value, bool) or not isinstance(value, (int, float)) or value < 0):
                raise ValueError(f"{name} is a number that is not negative")
            if not number and not isinstance(value, str):
                raise ValueError(f"{name} is a text")
        self.values.update(values)
        if "seed" in values:
            self.random = random.Random(values["seed"])

    def happens(self, name):
        """Decides by chance whether what has a percentage happens this time."""
        return self.values[name] > 0 and self.random.random() * 100 < self.values[name]

    def declines(self, key, price):
        if self.values["declinedPrice"] and price == self.values["declinedPrice"]:
            return True
        digest = hashlib.blake2b(f"{self.values['seed']}:{key}".encode(), digest_size=4).digest()
        return int.from_bytes(digest, "big") * 100 / 2**32 < self.values["declinedPercent"]
