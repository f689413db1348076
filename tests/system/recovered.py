"""The commands of docs/recovery.md against the servers in their pods: all databases gone, and back from a dump."""
import datetime
import json

from kube import NAME, NAMESPACE, eventually, kubectl, run
from upgrade import DATABASES, ClusterDatabases

IN_PODS = f"ci/cluster kubectl {NAME} -n {NAMESPACE} exec"
RECOVERY = {
    "MYSQL_AT": f"{IN_PODS} -i mysql-0 --", "MYSQL_OPTIONS": "--host=127.0.0.1 --user=root",
    "KAFKA_GROUPS": f"{IN_PODS} kafka-0 -- /opt/kafka/bin/kafka-consumer-groups.sh", "KAFKA_OPTIONS": "--bootstrap-server kafka:9092",
}


def recovery(*arguments):
    return run("ci/recovery", *arguments, environment=RECOVERY)


def switch_services(on):
    """The layer `services`: all but the gateway."""
    kubectl("patch", "orderplatform", "orders", "--type=merge", "-p", json.dumps({"spec": {"layers": {"services": {"enabled": on}}}}))

    def ready():
        found = json.loads(kubectl("get", "deployments", "-o", "json").stdout)["items"]
        return {item["metadata"]["name"] for item in found if item["status"].get("readyReplicas")} >= DATABASES.keys()

    def gone():
        return not kubectl("get", "pods", "-l", f"app.kubernetes.io/name in ({','.join(DATABASES)})", "-o", "name").stdout
    eventually(f"the services are {'on' if on else 'off'}", 120, ready if on else gone)


def lag():
    """Of all groups together, by what the broker has of their offsets."""
    told = kubectl("exec", "kafka-0", "--", "/opt/kafka/bin/kafka-consumer-groups.sh", "--bootstrap-server", "kafka:9092", "--describe", "--all-groups")
    rows = [line.split() for line in told.stdout.splitlines()]
    column = next(row for row in rows if "LAG" in row).index("LAG")
    return sum(int(row[column]) for row in rows if len(row) > column and row[column].isdigit())


def lose_and_restore(folder):
    """What the databases held when the dump was made is there afterwards, and every group reads the last hour once more."""
    dump = folder / "dump.sql"
    dump.write_text(recovery("dump").stdout)
    databases = ClusterDatabases()
    switch_services(False)
    for name in DATABASES.values():
        databases.sql(f"DROP DATABASE {name}", "mysql")
    assert not {name for row in databases.sql("SHOW DATABASES", "mysql") for name in row} & set(DATABASES.values())
    recovery("restore", dump)
    an_hour_ago = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(hours=1)
    said = recovery("groups-back", an_hour_ago.strftime("%Y-%m-%dT%H:%M:%SZ")).stderr
    assert "offsets set" in said, said
    behind = lag()
    assert behind > 0, "nothing to read again"
    switch_services(True)
    eventually("all groups have read all again", 60, lambda: lag() == 0, 2)
