#!/usr/bin/env python3
"""The platform as processes on loopback until Ctrl-C; runs inside the test image (see ci/local)."""
import pathlib
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from backends import Backends  # noqa: E402
from services import DEFAULT_PORTS, NAMES, ROOT, Services  # noqa: E402


def main():
    folder = pathlib.Path(tempfile.mkdtemp(prefix="orderplatform-"))
    print(f"starting MySQL, Kafka and Redis (10 s); data and logs in {folder} of the container", flush=True)
    backends = Backends(folder / "backends")
    services = Services(backends, folder / "services", ports=DEFAULT_PORTS)
    code = 0
    try:
        backends.start()
        services.provision()
        print("starting the services", flush=True)
        services.start()
        for name in NAMES:
            print(f"  {name:13} http://127.0.0.1:{services.ports[name]}", flush=True)
        done = subprocess.run([str(ROOT / "ci/journey"), "--port", str(services.ports["gateway"])])
        code = done.returncode
        if "--once" not in sys.argv and code == 0:
            print("\nrunning until Ctrl-C; `make demo` in another terminal places another order", flush=True)
            signal.sigwait({signal.SIGINT, signal.SIGTERM})
    finally:
        services.stop()
        backends.stop()
    sys.exit(code)


if __name__ == "__main__":
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    main()
