#!/usr/bin/env python3
"""All tests of the charts that need helm: HELM=program SCHEMAS=file (ci/kubernetes-schemas); RESULTS=folder for ci/test."""
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import xml_results  # noqa: E402
from bad_input_test import *  # noqa: E402,F403
from golden_test import *  # noqa: E402,F403
from kubernetes_test import *  # noqa: E402,F403
from notes_test import *  # noqa: E402,F403
from render_test import *  # noqa: E402,F403

if __name__ == "__main__":
    xml_results.main("charts")
