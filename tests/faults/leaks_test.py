#!/usr/bin/env python3
"""I13's judgement: what is a leak, and that open files and threads are seen at all."""
import os
import pathlib
import sys
import tempfile
import threading
import unittest
import unittest.mock

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import leaks  # noqa: E402
from leaks import OTHERS, POOLS, THREADS_ALLOWED, LeakWatch, Usage, leaked, usage_of  # noqa: E402

BEFORE = {"order": Usage(40, 20), "payment": Usage(30, 15)}
MOST = 40 + POOLS["order"] + OTHERS


class LeakedTest(unittest.TestCase):
    def test_what_is_allowed_is_no_leak(self):
        self.assertEqual(leaked(BEFORE, BEFORE), [])
        self.assertEqual(leaked(BEFORE, {"order": Usage(MOST, 20 + THREADS_ALLOWED), "payment": Usage(5, 1)}), [])

    def test_each_kind_of_leak_is_told_with_its_service(self):
        for usage, what in ((Usage(MOST + 1, 20), "descriptors"), (Usage(40, 21 + THREADS_ALLOWED), "threads")):
            with self.subTest(what):
                found = leaked(BEFORE, {**BEFORE, "order": usage})
                self.assertEqual(len(found), 1)
                self.assertRegex(found[0], f"^order keeps .* {what}")

    def test_a_process_that_has_ended_keeps_nothing(self):
        self.assertEqual(leaked(BEFORE, {"order": None}), [])
        self.assertIsNone(usage_of(2**22 + 1))


class LeakWatchTest(unittest.TestCase):
    def setUp(self):
        for name, value in (("AT_REST_WITHIN", 0.2), ("PAUSE", 0.01), ("POOLS", {"order": 0}), ("OTHERS", 1), ("THREADS_ALLOWED", 0)):
            patch = unittest.mock.patch.object(leaks, name, value)
            patch.start()
            self.addCleanup(patch.stop)
        self.watch = LeakWatch(lambda: {"order": os.getpid()})
        self.watch.begin()

    def test_files_that_stay_open_are_a_leak(self):
        with tempfile.TemporaryFile():
            self.assertEqual(self.watch.end(), [])
            with tempfile.TemporaryFile():
                self.assertEqual(len(self.watch.end()), 1)
        self.assertEqual(self.watch.end(), [])

    def test_a_thread_that_ends_in_time_is_none(self):
        over = threading.Event()
        thread = threading.Thread(target=over.wait)
        self.addCleanup(over.set)
        thread.start()
        self.assertEqual(len(self.watch.end()), 1)
        threading.Timer(0.05, over.set).start()
        self.assertEqual(self.watch.end(), [])


if __name__ == "__main__":
    unittest.main()
