"""What the benchmarks against PostgreSQL share: a private server, CPU and instructions of a command."""
import glob
import os
import pathlib
import pwd
import re
import shutil
import socket
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
BENCH = ROOT / ".build/release/poolops-bench"


def fail(message):
    sys.exit(f"{pathlib.Path(sys.argv[0]).name}: {message}")


def need(*programs):
    """Ends the program when something is not there."""
    if not BENCH.exists():
        fail("build it first: swift build -c release --product poolops-bench")
    for program in programs:
        if not shutil.which(program):
            fail(f"no {program} found; scripts/setup bench installs it")


def server_binaries():
    """The newest PostgreSQL; /usr/bin/pgbench is a Perl wrapper on Debian, whose CPU would count."""
    found = glob.glob("/usr/lib/postgresql/*/bin/pgbench")
    if found:
        return pathlib.Path(max(found, key=lambda path: int(path.split("/")[4]))).parent
    if path := shutil.which("pgbench"):
        return pathlib.Path(path).resolve().parent
    fail("no pgbench found; install postgresql")


class Cluster:
    """A server of our own, on a Unix socket and a free port of the loopback; stopped and removed at the end."""

    def __init__(self):
        self.binaries = server_binaries()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="poolops-bench-"))
        self.data = self.folder / "data"
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.prefix = []
        if os.getuid() == 0:
            user = "postgres" if any(entry.pw_name == "postgres" for entry in pwd.getpwall()) else "nobody"
            shutil.chown(self.folder, user)
            self.prefix = ["setpriv", f"--reuid={user}", f"--regid={pwd.getpwnam(user).pw_gid}", "--clear-groups"]

    def run(self, *words):
        command = self.prefix + [str(word) for word in words]
        done = subprocess.run(command, capture_output=True, text=True, cwd=self.folder)
        if done.returncode != 0:
            fail(f"{' '.join(command)}:\n{done.stdout}{done.stderr}")

    def __enter__(self):
        self.run(self.binaries / "initdb", "-D", self.data, "-U", "postgres", "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8")
        with open(self.data / "postgresql.conf", "a") as configuration:
            configuration.write(
                f"listen_addresses = '127.0.0.1'\nunix_socket_directories = '{self.folder}'\nport = {self.port}\n"
                "fsync = off\nautovacuum = off\nshared_buffers = 256MB\nmax_connections = 150\n")
        self.run(self.binaries / "pg_ctl", "-D", self.data, "-w", "-l", self.folder / "log", "start")
        return self

    def __exit__(self, *_):
        if (self.data / "postmaster.pid").exists():
            subprocess.run(
                self.prefix + [str(self.binaries / "pg_ctl"), "-D", str(self.data), "-w", "-m", "immediate", "stop"],
                capture_output=True, cwd="/")
        shutil.rmtree(self.folder, ignore_errors=True)

    def host(self, tcp=False):
        return "127.0.0.1" if tcp else str(self.folder)

    def pgbench(self, *words, tcp=False):
        return [str(self.binaries / "pgbench"), "-h", self.host(tcp), "-p", str(self.port), "-U", "postgres", *map(str, words), "postgres"]

    def poolops(self, name, *words, tcp=False):
        conninfo = f"host={self.host(tcp)} port={self.port} user=postgres dbname=postgres"
        return [str(BENCH), name, "--conninfo", conninfo, *map(str, words)]


def measure(command):
    """Runs a command; returns its output and the CPU seconds that it and nobody else used."""
    with tempfile.TemporaryFile("w+") as output:
        child = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        text = output.read()
    if child.returncode != 0:
        fail(f"{command[0]} ended with {child.returncode}:\n{text}")
    return text, usage.ru_utime + usage.ru_stime


def instructions(command):
    """User instructions of the whole process, all threads."""
    with tempfile.TemporaryDirectory(prefix="poolops-callgrind-") as folder:
        profile = pathlib.Path(folder) / "profile"
        measure(["valgrind", "--quiet", "--tool=callgrind", f"--callgrind-out-file={profile}", *command])
        match = re.search(r"^(?:summary|totals): (\d+)", profile.read_text(), re.MULTILINE)
    return int(match.group(1)) if match else fail("callgrind left no total")
