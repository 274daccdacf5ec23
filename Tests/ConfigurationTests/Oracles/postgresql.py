"""Shows every given file to a PostgreSQL server and prints what its pg_file_settings says of it, tab-separated.

usage: postgresql.py CORPUS       (a folder with *.conf, and with included/ for the files that they name)
  start NAME                      (then its rows)
  row NAME FILE LINE PARAMETER SETTING ERROR
  time TEXT MILLISECONDS          (what the server makes of durations and sizes)
  size TEXT BYTES
"""
import glob, os, pathlib, shutil, subprocess, sys, tempfile

BIN = sorted(glob.glob("/usr/lib/postgresql/*/bin"))[-1]
QUERY = """COPY (SELECT 'row', '{}', regexp_replace(sourcefile, '.*/', ''), sourceline, name, setting, error
  FROM pg_file_settings ORDER BY seqno) TO STDOUT"""
QUANTITIES = """
CREATE FUNCTION shown(parameter text, value text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config(parameter, value, false);
  RETURN (SELECT setting FROM pg_settings WHERE name = parameter);
EXCEPTION WHEN OTHERS THEN RETURN 'refused';
END $$;
COPY (SELECT 'time', v, shown('statement_timeout', v) FROM unnest(ARRAY['30s', '5 min', '1.5h', '1d', '100', '250ms',
  '2000us', ' 7s ', '0x10', '010', '1.5', '3 S', '5 minutes', '', 's', '1e3']) v) TO STDOUT;
COPY (SELECT 'size', v, shown('work_mem', v) FROM unnest(ARRAY['8MB', '1GB', '64kB', '100', '1.5MB', '65536B', '0.5 GB',
  '8mb', '8KB', '9k', '']) v) TO STDOUT;
"""


def as_user():
    if os.getuid() == 0:  # It refuses to run as root.
        os.setgid(65534)
        os.setuid(65534)


def run(*command, text=None):
    return subprocess.run(command, input=text, text=True, capture_output=True, check=True, preexec_fn=as_user).stdout


with tempfile.TemporaryDirectory(prefix="poolops-postgresql-", dir="/tmp") as folder:
    corpus = pathlib.Path(sys.argv[1])
    os.chmod(folder, 0o777)
    data = pathlib.Path(folder, "data")
    run(f"{BIN}/initdb", "-D", str(data), "-U", "postgres", "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8")
    process = subprocess.Popen(
        [f"{BIN}/postgres", "-D", str(data), "-c", "listen_addresses=", "-c", f"unix_socket_directories={folder}",
         "-c", "fsync=off", "-c", "port=5432", "-c", "max_connections=5"], preexec_fn=as_user,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        psql = [f"{BIN}/psql", "-X", "-q", "-h", folder, "-U", "postgres", "-v", "ON_ERROR_STOP=1", "postgres"]
        while subprocess.run([*psql, "-c", "SELECT 1"], capture_output=True).returncode:
            if process.poll() is not None:
                sys.exit("the server does not start")
        for path in corpus.glob("included/*"):
            shutil.copy(path, data)
            os.chmod(data / path.name, 0o644)
        for path in sorted(corpus.glob("*.conf")):
            (data / "postgresql.conf").write_bytes(path.read_bytes())
            print("start", path.stem, sep="\t")
            print(run(*psql, text=QUERY.format(path.stem)), end="")
        print(run(*psql, text=QUANTITIES), end="")
    finally:
        process.terminate()
        process.wait()
