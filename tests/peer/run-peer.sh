#!/usr/bin/env bash
# Builds the peer if its sources are newer than the jars, starts the five JVMs and waits until all are ready.
#   PUBLISH=direct|outbox       way of publishing events (default direct)
#   RATE_LIMIT_ENABLED=true     Redis rate limiter in the gateway (default false here: load tests)
#   VIRTUAL_THREADS=true|false  default: true on Java 21 or newer
#   PEER_JAVA=.../bin/java      default: the newest Java found
#   AOT=off|record|use          Java 25 or newer: record an AOT cache (written when the JVM stops), use it (default off)
#   JAVA_OPTS, ORDER_JAVA_OPTS, ... extra flags
#   BUILD_ONLY=1                stop after the build
#   ONLY="order-service ..."    start just these (for example again after a crash)
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"
mkdir -p "$PIDS/peer" "$LOGS"
services="order-service payment-service inventory-service notification-service api-gateway"
modules="shared-events service-support $services"
java="$(pick_java)"
major="$(java_major "$java")"

# --- build, in a copy, so that no output lands beside the sources ---------------------------------------------------
stamp="$WORK/build/.built"
if [ ! -f "$stamp" ] || [ -n "$(cd "$HERE" && find pom.xml $modules -type f -not -path '*/target/*' -newer "$stamp" | head -1)" ]; then
  mkdir -p "$WORK/build"
  for module in $modules; do
    rm -rf "$WORK/build/$module/src"
    mkdir -p "$WORK/build/$module"
    cp -r "$HERE/$module/pom.xml" "$HERE/$module/src" "$WORK/build/$module/"
  done
  cp "$HERE/pom.xml" "$WORK/build/"
  echo "building ..."
  nice mvn -q -B -f "$WORK/build/pom.xml" clean package
  for service in $services; do # an unpacked layout starts faster than a jar with jars inside
    rm -rf "$WORK/app/$service" "$WORK/app/$service.aot"
    nice "$java" -Djarmode=tools -jar "$WORK/build/$service/target/$service.jar" extract --destination "$WORK/app/$service"
  done
  touch "$stamp"
fi
[ "${BUILD_ONLY:-0}" = 1 ] && exit 0

wanted=" ${ONLY:-$services} "
for service in $wanted; do
  if alive "$PIDS/peer/$service.pid"; then
    echo "$service is running already: stop.sh peer" >&2
    exit 1
  fi
done

# --- start ----------------------------------------------------------------------------------------------------------
export SPRING_PROFILES_ACTIVE="${PUBLISH:-direct}"
export KAFKA_BOOTSTRAP="127.0.0.1:$KAFKA_PORT" TOPIC_PARTITIONS DB_USER DB_PASSWORD
export REDIS_HOST=127.0.0.1 REDIS_PORT RATE_LIMIT_ENABLED="${RATE_LIMIT_ENABLED:-false}"
export ORDER_SERVICE_URI="http://127.0.0.1:$ORDER_PORT"
if [ -z "${VIRTUAL_THREADS:-}" ]; then
  VIRTUAL_THREADS=false
  if [ "$major" -ge 21 ]; then VIRTUAL_THREADS=true; fi
fi
export VIRTUAL_THREADS
common="-XX:+UseSerialGC -Xss512k"
if [ "$major" -ge 24 ]; then common="$common --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow"; fi
common="$common ${JAVA_OPTS:-}"
db="jdbc:mariadb://127.0.0.1:$MARIADB_PORT"
db_options="${DB_OPTIONS:-}" # for a MySQL server: ?allowPublicKeyRetrieval=true

ports=()
start() { # service port database heap-MiB extra-flags
  local aot=""
  case "$wanted" in *" $1 "*) ports+=("$2") ;; *) return 0 ;; esac
  case "${AOT:-off}" in
    record) aot="-XX:AOTCacheOutput=$WORK/app/$1.aot" ;;
    use) aot="-XX:AOTCache=$WORK/app/$1.aot" ;;
  esac
  SERVER_PORT="$2" DB_URL="$db/$3$db_options" "$java" -Xms"$4"m -Xmx"$4"m $common $aot $5 -jar "$WORK/app/$1/$1.jar" \
    --server.address=127.0.0.1 >"$LOGS/$1.log" 2>&1 &
  echo $! >"$PIDS/peer/$1.pid"
}

began="$(date +%s.%N)"
start order-service "$ORDER_PORT" orders_db 320 "${ORDER_JAVA_OPTS:-}"
start payment-service "$PAYMENT_PORT" payments_db 256 "${PAYMENT_JAVA_OPTS:-}"
start inventory-service "$INVENTORY_PORT" inventory_db 256 "${INVENTORY_JAVA_OPTS:-}"
start notification-service "$NOTIFICATION_PORT" none 128 "${NOTIFICATION_JAVA_OPTS:-}"
start api-gateway "$GATEWAY_PORT" none 256 "${GATEWAY_JAVA_OPTS:-}"

for port in "${ports[@]}"; do
  wait_until 180 "port $port" curl -fsS "http://127.0.0.1:$port/actuator/health/readiness"
done
ready="$(date +%s.%N)"
for port in "${ports[@]}"; do
  wait_until 30 "health of port $port" curl -fsS "http://127.0.0.1:$port/actuator/health"
done
awk -v a="$began" -v b="$ready" -v m="$major" -v p="$SPRING_PROFILES_ACTIVE" -v v="$VIRTUAL_THREADS" 'BEGIN {
  printf "peer is ready after %.1f s (Java %s, profile %s, virtual threads %s)\n", b - a, m, p, v }'
