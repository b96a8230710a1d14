#!/usr/bin/env python3
"""counter.py ADDRESS:PORT - a counter of keys whose counts go on where a copy of it fails.

POST /KEY counts the key once more, GET /KEY reads it. A client that names its requests with the
headers Understudy-Client and Understudy-Request may repeat one at any copy, and it counts once.
"""
import base64, json, os, sys, threading, time, traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

API, TOKEN = os.environ["UNDERSTUDY_API"], os.environ["UNDERSTUDY_TOKEN"]
direct = build_opener(ProxyHandler({}))  # the WatchDog is on this host, whatever http_proxy says
changed = threading.Condition()
counts, results, applied, primary = {}, {}, 0, False

def call(method, path, body=None, headers={}):
    request = Request(API + path, body, {"Authorization": "Bearer " + TOKEN, **headers}, method=method)
    return direct.open(request)

def follow_state():
    global counts, applied
    with call("GET", "/checkpoint") as checkpoint, changed:  # what to begin with
        counts = json.loads(checkpoint.read() or "{}")
        applied = int(checkpoint.headers["Understudy-Sequence"])
    for line in map(json.loads, call("GET", f"/updates?after={applied}")):
        if "update" in line:  # it is committed: the same on every copy
            with changed:
                key, applied = base64.b64decode(line["update"]).decode(), line["sequence"]
                results[applied] = counts[key] = counts.get(key, 0) + 1
                results.pop(applied - 10000, None)
                changed.notify_all()
        elif "checkpoint" in line:
            call("PUT", f"/checkpoint?sequence={applied}", json.dumps(counts).encode())

def follow_status():
    global primary
    for line in map(json.loads, call("GET", "/status")):
        primary = line["status"] == "PRIMARY"
        call("POST", "/status", json.dumps({"epoch": line["epoch"]}).encode())
    os._exit(1)

def keep(work):
    while True:
        try:
            work()
        except HTTPError as refusal:  # to begin anew, or to ask again, as it says
            print(refusal.code, refusal.read().decode(), flush=True)
            time.sleep(0.2)
        except BaseException:  # without it this copy is of no use: another one takes its place
            traceback.print_exc()
            os._exit(1)

class Clients(BaseHTTPRequestHandler):
    def do_POST(self):
        names = {name: self.headers[name] for name in self.headers if name.lower().startswith("understudy-")}
        self.serve(lambda key: call("POST", "/updates", key.encode(), names))

    def do_GET(self):
        self.serve(lambda key: call("GET", "/barrier"))

    def serve(self, ask):
        if not primary:
            return self.say(409, "this copy is not primary")
        key = self.path[1:]
        try:
            sequence = json.load(ask(key))["sequence"]
        except HTTPError as refusal:  # 409 not primary, 429 and 503 ask again
            return self.say(refusal.code, json.load(refusal)["detail"])
        with changed:
            changed.wait_for(lambda: applied >= sequence)
            counted = results if self.command == "POST" else {}  # others may have counted since
            self.say(200, {"key": key, "count": counted.get(sequence, counts.get(key, 0))})

    def say(self, code, body):
        self.send_response(code)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode() + b"\n")

address, port = sys.argv[1].rsplit(":", 1)
server = ThreadingHTTPServer((address, int(port)), Clients)
for work in follow_state, follow_status:
    threading.Thread(target=keep, args=(work,), daemon=True).start()
call("POST", "/ready", b"")
server.serve_forever()
