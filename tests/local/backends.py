"""Real MySQL, Kafka and Redis as processes on loopback, for tests, `make local` and the bench. Runs inside the test image."""
import os
import pathlib
import shutil
import socket
import subprocess
import time

from kafka_client import Client

START_WITHIN_SECONDS = 60


def free_ports(count):
    """Ports that nobody has now; taken together, so that they differ."""
    listeners = [socket.socket() for _ in range(count)]
    try:
        for listener in listeners:
            listener.bind(("127.0.0.1", 0))
        return [listener.getsockname()[1] for listener in listeners]
    finally:
        for listener in listeners:
            listener.close()


def wait_until(what, probe, seconds=START_WITHIN_SECONDS, process=None, log=None):
    end = time.monotonic() + seconds
    while not probe():
        died = process is not None and process.poll() is not None
        if died or time.monotonic() > end:
            tail = pathlib.Path(log).read_text(errors="replace")[-3000:] if log else ""
            raise RuntimeError(f"{what} {'ended' if died else f'not within {seconds} s'}; {log}\n{tail}")
        time.sleep(0.05)


def answers(port):
    with socket.socket() as client:
        client.settimeout(0.5)
        return client.connect_ex(("127.0.0.1", port)) == 0


class Process:
    """A child with its log file; ended by its own handle, never by name."""

    def __init__(self, name, command, log, environment=None, **options):
        self.name, self.command, self.log = name, [str(part) for part in command], pathlib.Path(log)
        self.environment = environment
        self.options = options
        self.child = None

    def start(self):
        with self.log.open("ab") as out:
            self.child = subprocess.Popen(
                self.command, stdout=out, stderr=out, stdin=subprocess.DEVNULL, env=self.environment, **self.options)

    @property
    def running(self):
        return self.child is not None and self.child.poll() is None

    def kill(self):
        self.child.kill()
        self.child.wait()

    def stop(self, seconds=30):
        if not self.running:
            return self.child.returncode if self.child else None
        self.child.terminate()
        try:
            return self.child.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            return None


class Backends:
    """One MySQL, one Kafka, one Redis with data under `folder`. `ports`: (mysql, kafka, redis), free ones by default."""

    def __init__(self, folder, ports=None, partitions=3, mysql_options=()):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.mysql_port, self.kafka_port, self.redis_port = ports or free_ports(3)
        self.controller_port = free_ports(1)[0]
        self.partitions = partitions
        self.mysql_options = mysql_options
        self.kafka_options = ""  # further lines of server.properties
        self.kafka_proxied = None  # (port, advertised port) of a second listener, for clients behind a proxy
        self.mysql = self.kafka = self.redis = None

    def start(self):
        self.start_mysql()
        self.start_kafka()
        self.start_redis()
        self.wait()
        return self

    def start_mysql(self):
        data = self.folder / "mysql"
        socket_file = self.folder / "mysql.sock"
        user = ["--user=root"] if os.getuid() == 0 else []
        if not (data / "mysql").is_dir():
            shutil.rmtree(data, ignore_errors=True)
            done = subprocess.run(
                ["mysqld", "--no-defaults", *user, "--initialize-insecure", f"--datadir={data}"], capture_output=True, text=True)
            if done.returncode != 0:
                raise RuntimeError(f"mysqld --initialize-insecure: {done.stderr[-2000:]}")
        self.mysql = Process("mysql", [
            "mysqld", "--no-defaults", *user, f"--datadir={data}", f"--socket={socket_file}", f"--port={self.mysql_port}",
            "--bind-address=127.0.0.1", f"--pid-file={self.folder / 'mysql.pid'}", "--mysqlx=OFF", "--performance-schema=OFF",
            "--secure-file-priv=NULL", "--max-connections=200", "--innodb-buffer-pool-size=256M", *self.mysql_options,
        ], self.folder / "mysql.log")
        self.mysql.start()

    def start_kafka(self):
        data = self.folder / "kafka"
        file = self.folder / "server.properties"
        at, controller = f"127.0.0.1:{self.kafka_port}", f"127.0.0.1:{self.controller_port}"
        proxied, advertised = "", ""
        if self.kafka_proxied:
            proxied = f",PROXIED://127.0.0.1:{self.kafka_proxied[0]}"
            advertised = f",PROXIED://127.0.0.1:{self.kafka_proxied[1]}"
        file.write_text(f"""process.roles=broker,controller
node.id=1
controller.quorum.voters=1@{controller}
listeners=PLAINTEXT://{at}{proxied},CONTROLLER://{controller}
advertised.listeners=PLAINTEXT://{at}{advertised}
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,PROXIED:PLAINTEXT
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
log.dirs={data}
num.partitions={self.partitions}
auto.create.topics.enable=false
offsets.topic.replication.factor=1
offsets.topic.num.partitions=6
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=6
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
num.network.threads=2
num.io.threads=4
log.cleaner.dedupe.buffer.size=16777216
{self.kafka_options}
""")
        environment = {**os.environ, "KAFKA_HEAP_OPTS": "-Xms256m -Xmx384m", "LOG_DIR": str(self.folder),
                       "KAFKA_JVM_PERFORMANCE_OPTS": "-XX:+UseSerialGC -XX:TieredStopAtLevel=1"}
        if not (data / "meta.properties").exists():
            done = subprocess.run(
                ["kafka-storage.sh", "format", "-t", "4L6g3nShT-eMCtK--X86sw", "-c", str(file)], capture_output=True, text=True, env=environment)
            if done.returncode != 0:
                raise RuntimeError(f"kafka-storage.sh format: {done.stderr[-2000:]}{done.stdout[-2000:]}")
        self.kafka = Process("kafka", ["kafka-server-start.sh", file], self.folder / "kafka.log", environment)
        self.kafka.start()

    def start_redis(self):
        self.redis = Process("redis", [
            "redis-server", "--bind", "127.0.0.1", "--port", self.redis_port, "--save", "", "--appendonly", "no", "--dir", self.folder,
        ], self.folder / "redis.log")
        self.redis.start()

    def wait(self):
        wait_until("MySQL", lambda: self.sql("SELECT 1", check=False) == [["1"]], process=self.mysql.child, log=self.mysql.log)
        wait_until("Kafka", lambda: answers(self.kafka_port), process=self.kafka.child, log=self.kafka.log)
        wait_until("Redis", lambda: answers(self.redis_port), process=self.redis.child, log=self.redis.log)

    def sql(self, statement, database="", check=True):
        """Rows of strings, by the mysql client over the socket."""
        done = subprocess.run(
            ["mysql", "--no-defaults", "-uroot", f"--socket={self.folder / 'mysql.sock'}", "-BN", "-e", statement, *([database] if database else [])],
            capture_output=True, text=True)
        if done.returncode != 0:
            if check:
                raise RuntimeError(f"mysql: {done.stderr}\n{statement}")
            return None
        return [line.split("\t") for line in done.stdout.splitlines()]

    def topic(self, name):
        """All records of a topic as (key, value), from the first one to the present end."""
        with Client(f"127.0.0.1:{self.kafka_port}") as client:
            return [(one.key.decode(), (one.value or b"").decode(errors="replace")) for one in client.read([name], self.partitions)]

    def pids(self):
        return {part.name: part.child.pid for part in (self.mysql, self.kafka, self.redis) if part and part.running}

    def stop(self):
        for part in (self.kafka, self.redis, self.mysql):
            if part is not None:
                part.stop()
