"""What TLS and users have to keep out on a cluster, tried against the servers that the platform runs on."""
import base64
import json
import re
import sys
import unittest
import urllib.request

from kube import NAME, ROOT, kubectl, own_cluster, run

CA = "/etc/orderplatform-tls/ca.crt"


def secret(name):
    data = json.loads(kubectl("get", "secret", name, "-o", "json").stdout)["data"]
    return {key: base64.b64decode(value).decode() for key, value in data.items()}


def in_pod(workload, script):
    return kubectl("exec", f"statefulset/{workload}", "--", "sh", "-c", script, check=False)


def check_mysql():
    query = "exec mysql --no-defaults --protocol=TCP --host=mysql --user=root --get-server-public-key -BN"
    plain = in_pod("mysql", f"MYSQL_PWD=$ROOT_PASSWORD {query} --ssl-mode=DISABLED -e 'SELECT 1'")
    assert plain.returncode != 0 and "insecure transport" in plain.stderr, (plain.stdout, plain.stderr)
    good = in_pod("mysql", f"MYSQL_PWD=$ROOT_PASSWORD {query} --ssl-mode=VERIFY_IDENTITY --ssl-ca={CA} -e \"SHOW STATUS LIKE 'Ssl_version'\"")
    assert good.returncode == 0 and "TLSv1" in good.stdout, (good.stdout, good.stderr)


def check_redis():
    plain = in_pod("redis", "redis-cli -h redis ping")
    assert "PONG" not in plain.stdout, plain.stdout
    good = in_pod("redis", f"redis-cli -h redis --tls --cacert {CA} ping")
    assert "PONG" in good.stdout, (good.stdout, good.stderr)


def check_expiry(gateway_port):
    """The gateway tells how long the authority is good for that the infrastructure has made for ten years."""
    with urllib.request.urlopen(f"http://127.0.0.1:{gateway_port}/actuator/prometheus", timeout=10) as answer:
        left, = re.findall(r'^ssl_chain_expiry_seconds\{.*bundle="redis".*\} (\S+)$', answer.read().decode(), re.MULTILINE)
    assert 3640 < float(left) / 86400 <= 3650, left


def check_kafka():
    """From the node, so that nothing stands between."""
    if not own_cluster():
        raise unittest.SkipTest("Kafka is tried from the node of a cluster of ci/cluster's own")
    address = kubectl("get", "service", "kafka", "-o", "jsonpath={.spec.clusterIP}").stdout
    given = {"ca": secret("infrastructure-tls")["ca.crt"], **secret("payment-kafka")}
    script = ROOT / "tests/system/kafka_login.py"
    run("ci/cluster", "exec", NAME, "--network", sys.executable, "-B", script, address, "9092", stdin=json.dumps(given), timeout=120)
