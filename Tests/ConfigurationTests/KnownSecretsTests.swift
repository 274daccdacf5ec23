import Testing

@testable import Configuration

@Suite struct KnownSecretsTests {
  @Test(arguments: [
    ("DATABASE_URL", "postgresql://app:hunter2@h:5432/d", "hunter2"), ("PGPASSWORD", "hunter2", "hunter2"),
    ("URL", "host=h password=hunter2 user=u", "hunter2"), ("URL", "host=h password='hunter 2' user=u", "hunter 2"),
    ("URL", "postgresql://h/d?user=u&password=hunter2&sslmode=require", "hunter2"),
    ("URL", "redis://:hunter2@h/0", "hunter2"), ("URL", "postgresql://app:hunter%402@h/d", "hunter@2"),
    ("URL", "postgresql://app:hunter%402@h/d", "hunter%402"),
  ]) func `a secret of a setting is hidden where it stands alone`(name: String, value: String, secret: String) {
    let secrets = KnownSecrets([(name: name, value: value), (name: "POOL", value: "40")])
    let shown = secrets.hidden(in: "app: cannot log in with '\(secret)', nor with \(secret)\(secret); pool 40 of h")
    #expect(
      !shown.contains(secret) && shown.hasPrefix("app: cannot log in with") && shown.hasSuffix("pool 40 of h"),
      "\(shown)")
  }

  @Test(arguments: [
    ("PASSWORD=abc\napp: refused\n", "PASSWORD=***\napp: refused\n"), ("a\n\nb", "a\n\nb"), ("", ""), ("\n", "\n"),
    ("password: 'two\nlines' and\nmore", "password: *** and\nmore"), ("it's\nPASSWORD=x\ny", "it's\nPASSWORD=***"),
    ("-----BEGIN PRIVATE KEY-----\nabc\n", "***"),
  ]) func `a password ends with its line, unless a quote is open`(text: String, shown: String) {
    #expect(KnownSecrets([]).hidden(in: text) == shown)
  }

  @Test func `of a secret over several lines each is hidden alone`() {
    let secrets = KnownSecrets([(name: "TOKEN", value: "first\nsecond")])
    #expect(secrets.hidden(in: "the second of all") == "the *** of all")
  }

  @Test func `what is told by its name is hidden too, and short words are left alone`() {
    let secrets = KnownSecrets([(name: "DB_PASSWORD", value: "app"), (name: "LONG", value: "password=hunter2 more")])
    #expect(secrets.hidden(in: "the app is up, PASSWORD=other") == "the app is up, PASSWORD=\(Written.hidden)")
    #expect(KnownSecrets([]).hidden(in: "nothing") == "nothing")
  }
}
