#!/bin/bash
# Seawall as the lab's shield: the lab's own peer-seawall.sh, with a stop that reaches the shield.
# The lab notes the pid of the shell that started the shield, so ending that shell alone would
# leave the shield on its ports, where HAProxy then shares them unseen.
# usage: peer.sh start PROFILE | stop      (LAB, LAB_STATE and SEAWALL as for the lab)
set -u
lab=${LAB:?LAB names the lab folder}
pid_file=${LAB_STATE:-$lab/.state}/seawall/pid

end_children() {
  [ -f "$pid_file" ] || return 0
  for child in $(ps -o pid= --ppid "$(cat "$pid_file")"); do
    kill "$child" 2>/dev/null
    for _ in $(seq 120); do kill -0 "$child" 2>/dev/null || break; sleep 0.1; done
    kill -9 "$child" 2>/dev/null
  done
  true
}

end_children
exec "$lab/peer-seawall.sh" "$@"
