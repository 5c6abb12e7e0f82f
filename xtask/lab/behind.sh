#!/bin/bash
# Seawall behind HAProxy, which it trusts, as the lab's shield: what the lab measures is Seawall,
# what its clients reach is HAProxy.
# usage: behind.sh start PROFILE | stop | check      (LAB, LAB_STATE and SEAWALL as for the lab)
# PROFILE: announced = connections passed on whole, each with a PROXY header of version 2
#          named     = HTTP and TLS end in HAProxy, which names its clients in X-Forwarded-For
#          limited   = named, and one client may make 10 requests a second
# check: asks as three visitors; each must be told apart from the others and from HAProxy.
set -u
here=$(cd "$(dirname "$0")" && pwd)
. "${LAB:?LAB names the lab folder}/env.sh"
D=$STATE/behind
mkdir -p "$D"
BACK_HTTP=8081 BACK_HTTPS=8444

end() {
  [ -f "$D/$1.pid" ] || return 0
  local pid
  pid=$(cat "$D/$1.pid")
  kill "$pid" 2>/dev/null
  for _ in $(seq 120); do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
  kill -9 "$pid" 2>/dev/null
  rm -f "$D/$1.pid"
}

stop() {
  end haproxy
  end seawall
}

configuration() {
  local trusted='networks = ["127.0.0.1"]' announces=false limits=
  case $1 in
    announced) announces=true ;;
    named) trusted+=$'\nheader = "X-Forwarded-For"' ;;
    limited)
      trusted+=$'\nheader = "X-Forwarded-For"'
      limits=$'[limits]\nsource_rps = "10 rps"\non_exceed = "drop"'
      ;;
    *) echo "no profile $1" >&2; exit 2 ;;
  esac
  cat <<C
state_dir = "$D/state"
[control]
listen = "127.0.0.1:9180"
[[listener]]
address = "127.0.0.1:$BACK_HTTP"
proxy_protocol = $announces
[[listener]]
address = "127.0.0.1:$BACK_HTTPS"
tls = true
proxy_protocol = $announces
[[platform]]
name = "site"
hosts = ["$LAB_HOST"]
origins = ["http://$O_IP:$ORIGIN_PORT"]
certificate = "$STATE/cert.pem"
key = "$STATE/key.pem"
[trusted]
$trusted
[log]
requests = "${RECORDS:-off}"
$limits
C
}

start() {
  stop
  rm -rf "$D/state"
  ulimit -n "$(ulimit -Hn)"
  configuration "$1" > "$D/seawall.toml"
  # Not by the lab's function, whose shell would be what is noted and ended.
  ip netns exec "$NS_S" taskset -c "$CPU_SHIELD" "${SEAWALL:?SEAWALL names the program}" run \
    -c "$D/seawall.toml" >"$D/out" 2>"$D/err" &
  local pid=$!
  echo $pid > "$D/seawall.pid"
  for _ in $(seq 100); do
    grep -q '^ready' "$D/out" && break
    kill -0 $pid 2>/dev/null || { cat "$D/err" >&2; exit 1; }
    sleep 0.1
  done
  local file=$here/behind-announced.cfg
  [ "$1" = announced ] || file=$here/behind-named.cfg
  S_IP=$S_IP HTTP_PORT=$HTTP_PORT HTTPS_PORT=$HTTPS_PORT BACK_HTTP=$BACK_HTTP \
    BACK_HTTPS=$BACK_HTTPS CERTIFICATE=$STATE/both.pem \
    in_s taskset -c "$CPU_LOAD" haproxy -f "$file" -D -p "$D/haproxy.pid" 2>"$D/haproxy.err" ||
    { cat "$D/haproxy.err" >&2; stop; exit 1; }
  sleep 0.4
  echo "{\"name\":\"seawall/behind-$1\",\"pid\":$pid,\"http\":\"$S_IP:$HTTP_PORT\",\"https\":\"$S_IP:$HTTPS_PORT\"}"
}

check() {
  local profile wrong=0 visitor
  for profile in announced named; do
    RECORDS=all start "$profile" >/dev/null || return 1
    for visitor in 10.40.0.7 10.40.0.8 10.16.1.9; do
      for place in "http://$LAB_HOST:$HTTP_PORT" "https://$LAB_HOST:$HTTPS_PORT"; do
        in_a curl -sk -m 5 -o /dev/null --interface $visitor -H 'X-Forwarded-For: 203.0.113.9' \
          --resolve "$LAB_HOST:$HTTP_PORT:$S_IP" --resolve "$LAB_HOST:$HTTPS_PORT:$S_IP" \
          "$place/s2k?from=$visitor"
      done
    done
    stop
    for visitor in 10.40.0.7 10.40.0.8 10.16.1.9; do
      local right
      right=$(cat "$D"/state/requests/* | grep -F "\"src\":\"$visitor\"" | grep -cF "from=$visitor\"")
      echo "$profile $visitor: $right of 2 requests under its own address"
      [ "$right" = 2 ] || wrong=1
    done
  done
  return $wrong
}

case ${1:-} in
  start | stop | check) "$@" ;;
  *) echo "usage: behind.sh start PROFILE | stop | check" >&2; exit 2 ;;
esac
