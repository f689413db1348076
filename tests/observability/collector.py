"""A collector for the tests of traces: takes OTLP over HTTP in its JSON encoding, on loopback."""
import http.server
import json
import threading

KINDS = {1: "internal", 2: "server", 3: "client", 4: "producer", 5: "consumer"}


def attributes(pairs):
    """{key: text or int}"""
    return {pair["key"]: int(pair["value"]["intValue"]) if "intValue" in pair["value"] else pair["value"]["stringValue"] for pair in pairs}


class Span:
    def __init__(self, service, told):
        self.service, self.name, self.kind = service, told["name"], KINDS[told["kind"]]
        self.trace, self.id, self.parent = told["traceId"], told["spanId"], told.get("parentSpanId", "")
        self.begin, self.end = int(told["startTimeUnixNano"]), int(told["endTimeUnixNano"])
        self.attributes = attributes(told.get("attributes", []))
        self.failed = told.get("status", {}).get("code") == 2

    def __repr__(self):
        return f"{self.service}: {self.name} ({self.kind}) {self.id} below {self.parent}"


def spans_in(request):
    """The spans of an ExportTraceServiceRequest."""
    for resource_spans in request["resourceSpans"]:
        service = attributes(resource_spans["resource"]["attributes"])["service.name"]
        for scope_spans in resource_spans["scopeSpans"]:
            for span in scope_spans["spans"]:
                yield Span(service, span)


class Collector:
    """`port` 0 takes any free one."""

    def __init__(self, port=0):
        self.lock = threading.Lock()
        self.spans = []
        self.silent = threading.Event()  # set: requests are taken and never answered
        self.ending = threading.Event()
        self.left_waiting = 0
        collector = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if collector.silent.is_set():
                    with collector.lock:
                        collector.left_waiting += 1
                    collector.ending.wait()
                    return
                good = (self.path, self.headers["Content-Type"]) == ("/v1/traces", "application/json")
                found = list(spans_in(json.loads(body))) if good else []
                with collector.lock:
                    collector.spans += found
                self.send_response(200 if good else 404)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def port(self):
        return self.server.server_address[1]

    def of_trace(self, trace):
        with self.lock:
            return [span for span in self.spans if span.trace == trace]

    def stop(self):
        self.ending.set()
        self.server.shutdown()
        self.server.server_close()
