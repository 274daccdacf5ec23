import Glibc
import TestSupport
import Testing

/// The pages in a real browser, without a window: Debian's chromium, or what stands in its place elsewhere.
@Suite(.serialized) struct BrowserTests {
  private static let browser: String? = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]
    .first { (path: String) in
      access(path, X_OK) == 0
    }

  private func start(_ words: [String], in folder: TemporaryFolder) throws -> Program.Ending {
    let browser = try #require(Self.browser, "there is no chromium; 'scripts/setup test' installs it")
    let words =
      [
        "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--enable-logging=stderr", "--v=0",
        "--user-data-dir=\(folder.path)/profile",
      ] + words
    return try Program(browser, words, variables: ["HOME": folder.path]).wait(within: .seconds(120))
  }

  /// A page that looks into others: whether they fit their width, what they say first, how they look.
  private static func probe(_ frames: [(id: String, file: String, width: Int)]) -> String {
    let tags = frames.map {
      "<iframe id=\($0.id) src=\"\($0.file)\" style=\"width:\($0.width)px;height:600px\"></iframe>"
    }
    return """
      <!doctype html><meta charset=utf-8><body>\(tags.joined())<pre id=o></pre><script>
      addEventListener('load', () => {
        for (const frame of document.querySelectorAll('iframe')) {
          const page = frame.contentDocument, root = page.documentElement;
          const plots = [...page.querySelectorAll('svg.plot path')].filter(p => p.getBoundingClientRect().width > 50);
          const sizes = [...page.querySelectorAll('svg.plot text')].map(t => getComputedStyle(t).fontSize);
          document.getElementById('o').textContent += [frame.id, root.scrollWidth <= root.clientWidth ? 'fits' : 'overflows',
            (page.querySelector('.decision') || page.querySelector('h1')).textContent, plots.length > 2 ? 'drawn' : 'empty',
            [...new Set(sizes)].join(' '), getComputedStyle(page.body).backgroundColor].join('|') + '\\n';
        }
      })
      </script>
      """
  }

  private static func prepared() throws -> (TestProject, page: String) {
    let project = TestProject()
    let experiment = Tiny(title: "\"<script>document.title='broken'</script>\"").text
    project.add("tiny", experiment)
    try SyntheticResults().record(in: project, experiment)
    project.makeFolder(project.root + "/runbooks")
    write(
      "# Pool\n\n<!-- poolops:begin chart experiment=tiny -->\n<!-- poolops:end chart -->\n",
      to: project.root + "/runbooks/pool.md")
    let page = project.root + "/page.html"
    let report = project.command("report -o \(page)")
    let runbook = project.command("runbook render pool --html \(project.root)/pool.html")
    try #require(report.status == 0 && runbook.status == 0, "\(report) \(runbook)")
    return (project, page)
  }

  @Test func `pages fit a telephone and a desk, follow the dark scheme, and bring no error to the console`() throws {
    let (project, _) = try Self.prepared()
    let bad =
      "<!doctype html><meta http-equiv=Content-Security-Policy content=\"default-src 'none'\"><h1>bad</h1><script>1</script>"
    write(bad + "<table width=2000><tr><td>wide", to: project.root + "/bad.html")
    let probe = Self.probe([
      ("phone", "page.html", 360), ("desk", "page.html", 1280), ("runbook", "pool.html", 360), ("bad", "bad.html", 360),
    ])
    write(probe, to: project.root + "/probe.html")
    let ending = try start(
      [
        "--disable-web-security", "--disable-site-isolation-trials", "--blink-settings=preferredColorScheme=0",
        "--dump-dom", "file://\(project.root)/probe.html",
      ], in: project.folder)
    let lines = ending.output.split(separator: "<pre id=\"o\">").last?.split(separator: "\n").prefix(4).map(String.init)
    let dark = "rgb(18, 23, 29)"
    #expect(
      lines == [
        "phone|fits|✓ GO|drawn|11px|\(dark)", "desk|fits|✓ GO|drawn|11px|\(dark)",
        "runbook|fits|Pool|drawn|11px|\(dark)", "bad|overflows|bad|empty||rgba(0, 0, 0, 0)",
      ], "\(ending)")
    // The bad page shows that an error would be seen.
    let console = ending.error.split(separator: "\n").filter { $0.contains("CONSOLE") }
    #expect(!console.isEmpty && console.allSatisfy { $0.contains("/bad.html") }, "\(console)")
  }

  @Test func `a page can be photographed`() throws {
    let (project, page) = try Self.prepared()
    let picture = project.root + "/page.png"
    let ending = try start(
      ["--hide-scrollbars", "--window-size=1000,1400", "--screenshot=\(picture)", "file://\(page)"], in: project.folder)
    let image = bytes(of: picture) ?? []
    // An empty page of that size takes about 6 kB.
    #expect(
      image.starts(with: [0x89, 0x50, 0x4E, 0x47]) && image.count > 40_000, "\(image.count) bytes; \(ending.error)")
    #expect(!ending.error.contains("CONSOLE"), "\(ending.error)")
  }
}
