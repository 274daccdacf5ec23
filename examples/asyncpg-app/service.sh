#!/bin/sh
# Starts, stops and restarts the app as a process of its own: service.sh start|stop|restart.
# Its settings come from app.env beside this file, its output goes to app.log. PYTHON may name another interpreter.
set -eu
cd "$(dirname "$0")"

running() { [ -s app.pid ] && kill -0 "$(cat app.pid)" 2>/dev/null; }

stop() {
  if running; then
    pid=$(cat app.pid)
    kill "$pid"
    for _ in $(seq 50); do running || break; sleep 0.1; done
    running && kill -9 "$pid"
  fi
  rm -f app.pid
}

start() {
  if running; then echo "service.sh: it runs already, as process $(cat app.pid)" >&2; exit 1; fi
  set -a
  . ./app.env
  set +a
  # Of a session of its own, and with nothing open of whoever restarts it.
  setsid "${PYTHON:-/usr/bin/python3}" "${APP:-app.py}" </dev/null >>app.log 2>&1 &
  echo $! >app.pid
}

case "${1:-}" in
  start) start ;;
  stop) stop ;;
  restart) stop; start ;;
  *) echo "usage: service.sh start|stop|restart" >&2; exit 64 ;;
esac
