# ready HOST PORT: the service says that it is ready.
# order HOST PORT PRODUCT PRICE: an order placed there is completed.
# Bash alone, so that it runs in any image of the platform. The pod's deadline ends what hangs.
set -euo pipefail
what=$1 host=$2 port=$3

fail() {
    echo "failed: $*"
    exit 1
}
# ask METHOD PATH [BODY]: sets `status` and `answer`.
ask() {
    local body=${3:-}
    status=000 answer=
    { exec 3<>"/dev/tcp/$host/$port"; } 2>/dev/null || return 0
    printf '%s %s HTTP/1.1\r\nHost: %s:%s\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: %s\r\n\r\n%s' \
        "$1" "$2" "$host" "$port" "${#body}" "$body" >&3
    answer=$(cat <&3 | tr -d '\r')
    exec 3<&-
    [[ $answer =~ ^HTTP/1.1\ ([0-9]{3}) ]] && status=${BASH_REMATCH[1]}
    return 0
}

for ((i = 1; ; i++)); do
    ask GET /actuator/health/readiness
    [ "$status" != 200 ] || break
    [ "$i" -lt 30 ] || fail "$host:$port is not ready (status $status; 000: nobody answers). Is there a platform in this namespace?"
    sleep 1
done
echo "$host:$port is ready"
[ "$what" = order ] || exit 0

ask POST /api/orders "{\"productId\": \"$4\", \"quantity\": 1, \"price\": $5}"
case $status in 200 | 202) ;; *) fail "POST /api/orders gave $status: ${answer##*$'\n'}" ;; esac
[[ $answer =~ \"orderId\"\ *:\ *\"([-0-9a-f]+)\" ]] || fail "no orderId in the answer: ${answer##*$'\n'}"
order=${BASH_REMATCH[1]}
echo "order $order was accepted"
for ((i = 1; i <= 60; i++)); do
    ask GET "/api/orders/$order"
    if [[ $answer =~ \"status\"\ *:\ *\"(COMPLETED|CANCELLED)\" ]]; then
        [ "${BASH_REMATCH[1]}" = COMPLETED ] || fail "order $order was cancelled: ${answer##*$'\n'}"
        echo "order $order is completed"
        exit 0
    fi
    sleep 1
done
fail "order $order is not completed after 60 tries; the last answer: ${answer##*$'\n'}"
