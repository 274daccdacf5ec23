"""Starts PgBouncer with every given file and prints what it makes of it, tab-separated.

usage: pgbouncer.py CORPUS        (a folder with *.ini, and with included/ for the files that they name)
  version 1.18.0
  file NAME accepted|refused
  config NAME KEY VALUE           (SHOW CONFIG)
  database NAME DATABASE COLUMN VALUE
"""
import os, pathlib, shutil, socket, struct, subprocess, sys, tempfile, time

PROGRAM = shutil.which("pgbouncer", path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
HERE = "auth_type = any\nlisten_port = 6432\nunix_socket_dir = {}\nadmin_users = pgbouncer\n"


def as_user():
    if os.getuid() == 0:  # It refuses to run as root.
        os.setgid(65534)
        os.setuid(65534)


def ask(connection, sql):
    connection.sendall(b"Q" + struct.pack("!I", len(sql) + 5) + sql.encode() + b"\0")
    columns, rows = [], []
    while True:
        kind, body = message(connection)
        if kind == b"T":
            rest = body[2:]
            while rest:
                name, rest = rest.split(b"\0", 1)
                columns.append(name.decode())
                rest = rest[18:]
        elif kind == b"D":
            values, offset = [], 2
            for _ in columns:
                length = struct.unpack_from("!i", body, offset)[0]
                offset += 4
                values.append("" if length < 0 else body[offset:offset + length].decode())
                offset += max(0, length)
            rows.append(dict(zip(columns, values)))
        elif kind == b"Z":
            return rows


def message(connection):
    head = exactly(connection, 5)
    return head[:1], exactly(connection, struct.unpack("!I", head[1:])[0] - 4)


def exactly(connection, count):
    data = b""
    while len(data) < count:
        more = connection.recv(count - len(data))
        if not more:
            raise OSError("closed")
        data += more
    return data


def connect(path):
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(10)
    connection.connect(path)
    body = struct.pack("!I", 196608) + b"user\0pgbouncer\0database\0pgbouncer\0\0"
    connection.sendall(struct.pack("!I", len(body) + 4) + body)
    while message(connection)[0] != b"Z":
        pass
    return connection


def examine(path, folder):
    name = path.stem
    process = subprocess.Popen([PROGRAM, "-q", path.name], cwd=folder, preexec_fn=as_user,
                               stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    connection = None
    end = time.monotonic() + 20
    while connection is None and process.poll() is None and time.monotonic() < end:
        try:
            connection = connect(f"{folder}/.s.PGSQL.6432")
        except OSError:
            time.sleep(0.002)
    print("file", name, "accepted" if connection else "refused", sep="\t")
    if connection:
        for row in ask(connection, "SHOW CONFIG"):
            print("config", name, row["key"], row["value"], sep="\t")
        for row in ask(connection, "SHOW DATABASES"):
            for column, value in row.items():
                print("database", name, row["name"], column, value, sep="\t")
        connection.close()
    process.kill()
    process.wait()
    for left in pathlib.Path(folder).glob(".s.PGSQL*"):
        left.unlink()


with tempfile.TemporaryDirectory(prefix="poolops-pgbouncer-", dir="/tmp") as folder:
    corpus = pathlib.Path(sys.argv[1])
    for path in [*corpus.glob("*.ini"), *corpus.glob("included/*.ini")]:
        shutil.copy(path, folder)
    pathlib.Path(folder, "here.ini").write_text(HERE.format(folder))
    os.chmod(folder, 0o777)
    print("version", subprocess.run([PROGRAM, "--version"], capture_output=True, text=True).stdout.split()[1], sep="\t")
    print("folder", folder, sep="\t")
    for path in sorted(corpus.glob("*.ini")):
        examine(path, folder)
