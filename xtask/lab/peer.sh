#!/bin/bash
# Seawall as the lab's shield: the lab's own peer-seawall.sh, with a stop that reaches the shield.
# The lab notes the pid of the shell that started the shield, so ending that shell alone would
# leave the shield on its ports, where HAProxy then shares them unseen.
# usage: peer.sh start PROFILE | stop      (LAB, LAB_STATE and SEAWALL as for the lab)
# PROFILE: those of the lab's script, and
#          told = everything by default, and what the lab's origin can carry is told: 8 workers
#          auto = the same, and nobody says what the origin can carry
#          behind = told, and an HAProxy that is trusted stands before it, on the core of clients and
#                   origin, so that nothing of a visitor's connection is seen; costs and pid are the
#                   shield's alone
set -u
lab=${LAB:?LAB names the lab folder}
state=${LAB_STATE:-$lab/.state}
pid_file=$state/seawall/pid
front_pid_file=$state/seawall/front.pid

end_front() {
  [ -f "$front_pid_file" ] || return 0
  local front=$(cat "$front_pid_file")
  kill "$front" 2>/dev/null
  for _ in $(seq 50); do kill -0 "$front" 2>/dev/null || break; sleep 0.1; done
  kill -9 "$front" 2>/dev/null
  rm -f "$front_pid_file"
}

end_children() {
  end_front
  [ -f "$pid_file" ] || return 0
  for child in $(ps -o pid= --ppid "$(cat "$pid_file")"); do
    kill "$child" 2>/dev/null
    for _ in $(seq 120); do kill -0 "$child" 2>/dev/null || break; sleep 0.1; done
    kill -9 "$child" 2>/dev/null
  done
  true
}

bounded() {
  . "$lab/env.sh"
  local folder=$STATE/seawall capacity=$1 address=$S_IP trusted=
  if [ "$2" = behind ]; then
    address=127.0.0.1
    trusted='[trusted]
networks = ["127.0.0.1/32"]
header = "X-Forwarded-For"'
  fi
  "$lab/peer-seawall.sh" stop
  rm -rf "$folder/state"
  mkdir -p "$folder"
  ulimit -n "$(ulimit -Hn)"
  cat > "$folder/seawall.toml" <<C
state_dir = "$folder/state"
[control]
listen = "127.0.0.1:9180"
[[listener]]
address = "$address:$HTTP_PORT"
[[listener]]
address = "$address:$HTTPS_PORT"
tls = true
protocols = ["h1", "h2"]
[[platform]]
name = "site"
hosts = ["$LAB_HOST"]
origins = ["http://$O_IP:$ORIGIN_PORT"]
certificate = "$STATE/cert.pem"
key = "$STATE/key.pem"
capacity = "$capacity"
$trusted
[packet]
mode = "off"
C
  # Not by the lab's function, whose shell would be what is noted and ended.
  ip netns exec "$NS_S" taskset -c "$CPU_SHIELD" "${SEAWALL:?SEAWALL names the program}" run \
    -c "$folder/seawall.toml" >"$folder/out" 2>"$folder/err" &
  local pid=$!
  echo $pid > "$pid_file"
  # A disk that is busy with other things delays the first writes of its state.
  for _ in $(seq 300); do
    grep -q '^ready' "$folder/out" && break
    kill -0 $pid 2>/dev/null || { cat "$folder/err" >&2; exit 1; }
    sleep 0.1
  done
  grep -q '^ready' "$folder/out" || { echo "not ready within 30 s" >&2; exit 1; }
  [ "$2" != behind ] || front "$folder"
  echo "{\"name\":\"seawall/$2\",\"pid\":$pid,\"http\":\"$S_IP:$HTTP_PORT\",\"https\":\"$S_IP:$HTTPS_PORT\"}"
}

# A trusted proxy that speaks for every visitor, as a load balancer or a content network does.
front() {
  cat > "$1/front.cfg" <<C
global
  nbthread 1
  maxconn 9900
  ssl-default-bind-options ssl-min-ver TLSv1.2
defaults
  mode http
  timeout connect 5s
  timeout client 300s
  timeout server 60s
  timeout http-request 10s
  option http-keep-alive
  http-reuse safe
frontend all
  bind $S_IP:$HTTP_PORT backlog 16384
  bind $S_IP:$HTTPS_PORT ssl crt $STATE/both.pem alpn h2,http/1.1 backlog 16384
  option forwardfor
  default_backend shield
backend shield
  server shield 127.0.0.1:$HTTP_PORT
C
  # It runs elsewhere, as balancers do: on the shield's core the two of them fill it in a flood, and
  # what visitors then wait for is a turn on that core.
  ip netns exec "$NS_S" taskset -c "$CPU_LOAD" haproxy -f "$1/front.cfg" -D -p "$front_pid_file" \
    2>"$1/front.err" || { cat "$1/front.err" >&2; exit 1; }
  sleep 0.4
}

end_children
case "${1:-} ${2:-}" in
  "start told") bounded "8 concurrent" told ;;
  "start auto") bounded auto auto ;;
  "start behind") bounded "8 concurrent" behind ;;
  *) exec "$lab/peer-seawall.sh" "$@" ;;
esac
