"""As much of a Kubernetes API server as the operator needs to work on one OrderPlatform whose steps fail."""
import http.server
import json
import threading

PLATFORM = {
    "apiVersion": "orderplatform.io/v1alpha1", "kind": "OrderPlatform", "spec": {},
    "metadata": {"name": "orders", "namespace": "shop", "uid": "u", "resourceVersion": "5", "generation": 1, "creationTimestamp": "2026-01-01T00:00:00Z"},
}


def merge(target, patch):
    """RFC 7386."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = merge(merged.get(name), value)
    return merged


class FakeCluster:
    def __init__(self):
        self.platform = dict(PLATFORM)
        self.lock = threading.Lock()
        self.stopping = threading.Event()
        cluster = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self, status, body):
                data = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def watch(self):
                """A stream without events, as of a quiet cluster."""
                self.send_response(200)
                self.send_header("Transfer-Encoding", "chunked")
                self.end_headers()
                cluster.stopping.wait()
                self.close_connection = True

            def do_GET(self):
                path = self.path.split("?")[0]
                if "watch=true" in self.path:
                    return self.watch()
                if path.endswith("/orderplatforms/orders"):
                    return self.answer(200, cluster.platform)
                if path.endswith(("/orderplatforms", "/deployments", "/statefulsets")):
                    return self.answer(200, {"metadata": {"resourceVersion": "5"}, "items": [cluster.platform] if path.endswith("platforms") else []})
                return self.answer(404, {})

            def do_PATCH(self):
                patch = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                with cluster.lock:
                    cluster.platform = merge(cluster.platform, patch)
                self.answer(200, cluster.platform)

            def do_POST(self):
                self.rfile.read(int(self.headers["Content-Length"]))
                self.answer(403, {"message": "this cluster makes nothing"})

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def stop(self):
        self.stopping.set()
        self.server.shutdown()
        self.server.server_close()
