#!/bin/bash
# Seawall as the lab's shield: the lab's own peer-seawall.sh, with a stop that reaches the shield.
# The lab notes the pid of the shell that started the shield, so ending that shell alone would
# leave the shield on its ports, where HAProxy then shares them unseen.
# usage: peer.sh start PROFILE | stop      (LAB, LAB_STATE and SEAWALL as for the lab)
# PROFILE: those of the lab's script, and
#          told = everything by default, and what the lab's origin can carry is told: 8 workers
#          auto = the same, and nobody says what the origin can carry
set -u
lab=${LAB:?LAB names the lab folder}
state=${LAB_STATE:-$lab/.state}
pid_file=$state/seawall/pid

end_children() {
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
  local folder=$STATE/seawall capacity=$1
  "$lab/peer-seawall.sh" stop
  rm -rf "$folder/state"
  mkdir -p "$folder"
  ulimit -n "$(ulimit -Hn)"
  cat > "$folder/seawall.toml" <<C
state_dir = "$folder/state"
[control]
listen = "127.0.0.1:9180"
[[listener]]
address = "$S_IP:$HTTP_PORT"
[[listener]]
address = "$S_IP:$HTTPS_PORT"
tls = true
protocols = ["h1", "h2"]
[[platform]]
name = "site"
hosts = ["$LAB_HOST"]
origins = ["http://$O_IP:$ORIGIN_PORT"]
certificate = "$STATE/cert.pem"
key = "$STATE/key.pem"
capacity = "$capacity"
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
  echo "{\"name\":\"seawall/$2\",\"pid\":$pid,\"http\":\"$S_IP:$HTTP_PORT\",\"https\":\"$S_IP:$HTTPS_PORT\"}"
}

end_children
case "${1:-} ${2:-}" in
  "start told") bounded "8 concurrent" told ;;
  "start auto") bounded auto auto ;;
  *) exec "$lab/peer-seawall.sh" "$@" ;;
esac
