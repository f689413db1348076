"""The metrics that bear names of Micrometer, Resilience4j, HikariCP, Spring and the Kafka client, so that dashboards made for those fit: name, type, the
programs that export it, and its labels besides `application`. docs/observability.md has the names that are not exported on purpose."""
import re
import subprocess
import typing

SERVICES = ("order", "payment", "inventory", "notification")  # with a database and topics
ALL = ("gateway", *SERVICES, "operator")
HTTP = "error exception method outcome status uri"


class Row(typing.NamedTuple):
    name: str
    type: str  # of Prometheus; a timer is a histogram with a gauge <name>_max of the same labels
    programs: tuple
    labels: str = ""


def circuit_breaker(name, kind, labels=""):
    return Row(f"resilience4j_circuitbreaker_{name}", kind, ("gateway", *SERVICES), f"name {labels}")


def pool(name, kind):
    return Row(f"hikaricp_connections{name}", kind, SERVICES, "pool")


TABLE = [
    Row("http_server_requests_seconds", "timer", ALL, HTTP),
    Row("http_server_requests_active_seconds_active_count", "gauge", ALL),
    Row("http_client_requests_seconds", "timer", ("gateway", "payment"), HTTP + " client_name"),
    Row("spring_cloud_gateway_requests_seconds", "timer", ("gateway",), "routeId routeUri outcome status httpStatusCode httpMethod"),
    circuit_breaker("state", "gauge", "state"),
    circuit_breaker("buffered_calls", "gauge", "kind"),
    circuit_breaker("slow_calls", "gauge", "kind"),
    circuit_breaker("failure_rate", "gauge"),
    circuit_breaker("slow_call_rate", "gauge"),
    circuit_breaker("calls_seconds", "timer", "kind"),
    circuit_breaker("not_permitted_calls_total", "counter", "kind"),
    Row("resilience4j_retry_calls_total", "counter", ("gateway", *SERVICES), "name kind"),
    *[Row(f"resilience4j_bulkhead_{name}", "gauge", ("gateway",), "name")
      for name in ("available_concurrent_calls", "max_allowed_concurrent_calls", "queue_depth", "queue_capacity")],
    Row("kafka_consumer_fetch_manager_records_lag", "gauge", SERVICES, "client_id group topic partition"),
    Row("kafka_consumer_fetch_manager_records_lag_max", "gauge", SERVICES, "client_id group"),
    Row("kafka_consumer_fetch_manager_records_consumed_total", "counter", SERVICES, "client_id group"),
    Row("kafka_consumer_coordinator_rebalance_total", "counter", SERVICES, "client_id group"),
    Row("kafka_consumer_coordinator_assigned_partitions", "gauge", SERVICES, "client_id group"),
    Row("kafka_producer_record_send_total", "counter", SERVICES, "client_id"),
    Row("kafka_producer_record_error_total", "counter", SERVICES, "client_id"),
    Row("spring_kafka_listener_seconds", "timer", SERVICES, "name result"),
    Row("spring_kafka_template_seconds", "timer", SERVICES, "name result"),
    *[pool(name, "gauge") for name in ("", "_active", "_idle", "_pending", "_max", "_min")],
    pool("_timeout_total", "counter"),
    *[pool(name, "timer") for name in ("_acquire_seconds", "_usage_seconds", "_creation_seconds")],
    *[Row(name, "gauge", ALL) for name in ("process_files_open_files", "process_files_max_files", "process_uptime_seconds", "process_start_time_seconds",
                                           "system_cpu_count", "system_load_average_1m")],
    *[Row(name, "gauge", ALL, "path") for name in ("disk_free_bytes", "disk_total_bytes")],
]


COUNT = 'non-histogram and non-summary metrics should not have "_count" suffix'
CAMEL_CASE = "label names should be written in 'snake_case' not 'camelCase'"
# What `promtool check metrics` has against names and labels that others gave, (metric, finding), and who: dashboards that were made for them ask for them.
KEPT_ON_PURPOSE = {
    ("http_server_requests_active_seconds_active_count", COUNT): "Micrometer's LongTaskTimer",
    ("system_cpu_count", COUNT): "Micrometer's ProcessorMetrics",
    ("spring_cloud_gateway_requests_seconds", CAMEL_CASE): "Spring Cloud Gateway's routeId, routeUri, httpStatusCode, httpMethod",
    ("spring_cloud_gateway_requests_seconds_max", CAMEL_CASE): "the same timer's",
}


def promtool_findings(scrape):
    """{(metric, finding)} of `promtool check metrics`; AssertionError where it cannot read the text."""
    done = subprocess.run(["promtool", "check", "metrics"], input=scrape, capture_output=True, text=True)
    nothing, read_with_findings = 0, 3
    assert done.returncode in (nothing, read_with_findings), done.stdout + done.stderr
    return {tuple(line.split(" ", 1)) for line in done.stderr.splitlines()}


def shapes(scrape):
    """{name of a family: (its type, {sets of labels})} of a text of /actuator/prometheus; le and application left out."""
    types = dict(re.findall(r"^# TYPE (\S+) (\S+)$", scrape, re.MULTILINE))
    found = {name: (kind, set()) for name, kind in types.items()}
    for name, labels in re.findall(r"^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? \S+$", scrape, re.MULTILINE):
        family = name if name in types else re.sub(r"_(bucket|count|sum)$", "", name)
        found[family][1].add(frozenset(re.findall(r'(\w+)="(?:[^"\\]|\\.)*"', labels)) - {"le", "application"})
    return found


def faults(scrapes):
    """What of the table is not as it says, for {program: text}."""
    told = {program: shapes(text) for program, text in scrapes.items()}
    for row in TABLE:
        families = {row.name: "histogram", f"{row.name}_max": "gauge"} if row.type == "timer" else {row.name: row.type}
        for family, kind in families.items():
            for program, families_told in told.items():
                wanted = (kind, {frozenset(row.labels.split())})
                if program in row.programs and families_told.get(family) != wanted:
                    yield f"{program}: {family} is {families_told.get(family, 'absent')}, not {wanted}"
                elif program not in row.programs and family in families_told:
                    yield f"{program}: {family} is exported, and the table does not say so"


def left_out(page):
    """The names in the first column of the page's table of what is not exported; * stands for any ending."""
    table = page.split("### Names that Spring has and we do not")[1].split("\n#")[0]
    return [name for line in table.splitlines() if line.startswith("| `") for name in re.findall(r"`([^`]+)`", line.split("|")[1])]
