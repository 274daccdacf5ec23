import Configuration
import Testing

@Suite struct ProcessesTests {
  private static let place = Place("compose.yml", line: 3)

  private static func count(_ line: String, _ variables: [String: String]) -> Int? {
    let settings = variables.sorted { $0.key < $1.key }.map { Written($0.key, $0.value, at: Place(".env", line: 1)) }
    return Processes.count(command: ShellWords.split(line), at: place, settings: settings)?.value
  }

  @Test(arguments: [
    ("gunicorn -w 4 app", 4), ("gunicorn -w4 app", 4), ("gunicorn --workers=4 app", 4), ("gunicorn --workers 4", 4),
    ("gunicorn app", nil), ("gunicorn -w 2 -w 5 app", 5), ("/usr/local/bin/gunicorn -w 3 app", 3),
    ("python -m gunicorn -w 3 app", 3), ("gunicorn -k uvicorn.workers.UvicornWorker -w 6", 6),
    ("gunicorn -w 0 app", 1), ("gunicorn -w many app", nil), ("gunicorn -w", nil),
    ("sh -c 'migrate && exec gunicorn -w 4 app'", 4), ("sh -c 'gunicorn app; celery worker -c 9'", nil),
    ("bash -lc \"uvicorn app:app --workers 3\"", 3), ("uvicorn app --reload --workers 4", 1),
    ("fastapi run --workers 4 app.py", 4), ("fastapi dev --workers 4 app.py", nil), ("hypercorn -w 3 app", 3),
    ("granian --workers 2 app", 2), ("uwsgi --http :80 -p 8", 8), ("uwsgi --processes=8", 8),
    ("bundle exec puma -w 2 -t 5:5", 2), ("puma -t 5 -w 0", 1), ("pm2-runtime app.js -i 4", 4),
    ("pm2 start x -i max", nil),
    ("pm2-runtime app.js -i 0", nil), ("celery -A x worker -c 4", 4), ("celery -A x beat -c 4", nil),
    ("celery worker -P gevent -c 500", 1), ("celery worker --pool=solo", 1), ("celery worker --autoscale=10,3", nil),
    ("dramatiq x -p 2", 2), ("node server.js", nil), ("java -jar app.jar", nil),
    ("gunicorn -w 99999999999999999999 app", nil), ("gunicorn -w -3 app", nil),
  ])
  func `the command line says how many processes`(line: String, expected: Int?) {
    #expect(Self.count(line, [:]) == expected)
  }

  @Test(
    arguments: [
      ("gunicorn app", ["WEB_CONCURRENCY": "5"], 5),
      ("gunicorn -w 2 app", ["WEB_CONCURRENCY": "5"], 2),
      ("gunicorn app", ["GUNICORN_CMD_ARGS": "--bind :80 --workers=7", "WEB_CONCURRENCY": "5"], 7),
      ("gunicorn -c conf.py app", ["WEB_CONCURRENCY": "5"], nil),
      ("gunicorn -c conf.py app", ["GUNICORN_CMD_ARGS": "-w 3"], 3),
      ("gunicorn app", ["WEB_CONCURRENCY": "auto"], nil),
      ("uvicorn app", ["UVICORN_WORKERS": "3", "WEB_CONCURRENCY": "5"], 3),
      ("puma", ["WEB_CONCURRENCY": "2"], 2),
      ("node server.js", ["WEB_CONCURRENCY": "5"], nil),
      ("", ["WEB_CONCURRENCY": "5"], 5),
      ("", ["UVICORN_WORKERS": "4"], 4),
      ("", ["GUNICORN_CMD_ARGS": "-w 3"], 3),
      ("", [:], nil),
      ("sh -c 'gunicorn -w $WORKERS app'", ["WORKERS": "6"], 6),
      ("sh -c 'gunicorn -w ${WORKERS:-8} app'", [:], 8),
      ("sh -c 'gunicorn -w ${WORKERS:-8} app'", ["WORKERS": "2"], 2),
      ("sh -c 'gunicorn -w ${WORKERS} app'", [:], nil),
    ] as [(String, [String: String], Int?)])
  func `variables say it where the program reads them`(line: String, variables: [String: String], expected: Int?) {
    #expect(Self.count(line, variables) == expected)
  }

  @Test func `the place is that of what says it`() {
    let setting = Written("WEB_CONCURRENCY", "5", at: Place(".env", line: 7))
    let places = ["puma -w 2", "puma"].map {
      Processes.count(command: ShellWords.split($0), at: Self.place, settings: [setting])?.place
    }
    #expect(places == [Self.place, setting.place])
  }

  @Test(arguments: [
    ("a b  c", ["a", "b", "c"]), ("a 'b c' d", ["a", "b c", "d"]), ("a \"b 'c\" d", ["a", "b 'c", "d"]),
    ("a\\ b", ["a b"]), ("''", [""]), ("", []), ("a\\", ["a\\"]), ("\"a\\\"b\\n\"", ["a\"b\\n"]), ("'a", ["a"]),
    ("a \\\n b", ["a", "b"]),
  ])
  func `a line is split as a shell does`(line: String, expected: [String]) {
    #expect(ShellWords.split(line) == expected)
  }
}
