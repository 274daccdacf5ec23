import Model

/// A Markdown file with generated regions between two markers, each on a line of its own:
///
///     <!-- poolops:begin before-after experiment=peak -->
///     ... generated ...
///     <!-- poolops:end before-after fnv1a=0123456789abcdef -->
///
/// Everything outside of the regions belongs to its author and is kept byte for byte. Markers inside of fenced code
/// are text, so that a runbook can show them. The checksum is over the region's text with `\n` line ends.
package struct RunbookDocument: Sendable {
  /// A region that is complete: begun and ended.
  package struct Region: Hashable, Sendable {
    package var name: String
    /// `experiment` -> `peak`.
    package var arguments: [String: String]
    /// Of the begin marker, from 1.
    package var line: Int
    /// Between the markers, with `\n` line ends.
    package var content: String
    /// As the end marker has it; nil in a region that was never rendered.
    package var checksum: String?

    /// Whether somebody changed the text after it was generated, or wrote into a region never rendered.
    package var isEdited: Bool {
      guard let checksum else { return content.contains { !$0.isWhitespace } }
      return Checksum(content).text != checksum
    }

    /// The name, with what tells it from others of that name and experiment: `settings ecosystem=hikaricp`.
    package var label: String {
      let own = arguments.filter { $0.key != "experiment" }.sorted { $0.key < $1.key }
      return ([name] + own.map { "\($0.key)=\($0.value)" }).joined(separator: " ")
    }

    /// Name and arguments: what tells one region from another.
    fileprivate var identity: String {
      ([name] + arguments.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }).joined(separator: " ")
    }
  }

  private enum Piece {
    /// Lines kept as they are, line ends included.
    case prose(String)
    /// The marker lines as they are, and what lies between.
    case region(Region, begin: String, body: String, end: String)
  }

  private var pieces: [Piece] = []
  /// Faults of the markers themselves.
  private var faults: [RunbookFinding] = []

  package init(_ text: String) {
    var parser = Parser()
    for line in text.linesWithEnds { parser.take(line) }
    parser.finish()
    pieces = parser.pieces
    faults = parser.faults + duplicates()
  }

  /// The complete regions, in the order of the file.
  package var regions: [Region] {
    pieces.compactMap { if case .region(let region, _, _, _) = $0 { region } else { nil } }
  }

  private func duplicates() -> [RunbookFinding] {
    var seen: [String: Int] = [:]
    return regions.compactMap { region in
      guard let first = seen[region.identity] else {
        seen[region.identity] = region.line
        return nil
      }
      return RunbookFinding(region.name, line: region.line, .duplicated(firstLine: first))
    }
  }

  /// What the evidence says a region should hold.
  package enum Content: Hashable, Sendable {
    case text(String)
    /// No region has this name; `known` are the names there are.
    case unknown(known: [String])
    /// There is no evidence for it, and why, as part of a sentence.
    case missing(String)
  }

  package struct Rendering: Hashable, Sendable {
    package var text: String
    /// Names of regions whose text was rewritten.
    package var changed: [String]
    /// Regions left as they were, and why: edited by hand, unknown, without evidence.
    package var findings: [RunbookFinding]
  }

  /// Writes the regions anew. Only what differs is touched: rendering twice gives the same bytes.
  ///
  /// - Parameter force: rewrite also regions that were edited by hand; without it they are kept and reported.
  package func render(force: Bool = false, _ content: (Region) -> Content) -> Rendering {
    var rendering = Rendering(text: "", changed: [], findings: faults)
    for piece in pieces {
      switch piece {
      case .prose(let text): rendering.text += text
      case .region(let region, let begin, let body, let end):
        let (new, finding) = next(region, content(region), force: force)
        if let finding { rendering.findings.append(finding) }
        guard let new, !isUpToDate(region, new) else {
          rendering.text += begin + body + end
          continue
        }
        rendering.changed.append(region.label)
        rendering.text += begin + Self.written(new, region, begin: begin, end: end)
      }
    }
    rendering.findings.sort { $0.line < $1.line }
    return rendering
  }

  /// The text to write, or why nothing is to be written.
  private func next(_ region: Region, _ content: Content, force: Bool) -> (String?, RunbookFinding?) {
    switch content {
    case .unknown(let known): return (nil, RunbookFinding(region.name, line: region.line, .unknown(known: known)))
    case .missing(let why): return (nil, RunbookFinding(region.name, line: region.line, .noEvidence(why)))
    case .text(let text):
      let isKept = region.isEdited && !force
      let new = text.unixLines.endingWithNewline.withoutMarkers
      return isKept ? (nil, RunbookFinding(region.name, line: region.line, .edited)) : (new, nil)
    }
  }

  private func isUpToDate(_ region: Region, _ new: String) -> Bool {
    region.content.hasSameBytes(as: new) && region.checksum == Checksum(new).text
  }

  /// A region takes the line end of its begin marker; the file's last line keeps having none.
  private static func written(_ text: String, _ region: Region, begin: String, end: String) -> String {
    let lineEnd = begin.lineEnd
    let body = text.linesWithEnds.map { $0.withoutLineEnd + lineEnd }.joined()
    return body + "<!-- poolops:end \(region.name) fnv1a=\(Checksum(text).text) -->" + end.lineEnd
  }

  /// Every region that is not as it should be, in the order of the file. Empty: text and evidence agree.
  package func check(_ content: (Region) -> Content) -> [RunbookFinding] {
    var findings = faults
    for region in regions {
      if region.isEdited { findings.append(RunbookFinding(region.name, line: region.line, .edited)) }
      let (new, finding) = next(region, content(region), force: true)
      if let finding { findings.append(finding) }
      guard let new, !region.isEdited, !isUpToDate(region, new) else { continue }
      let first = Self.firstDifference(region.content, new)
      findings.append(RunbookFinding(region.name, line: region.line, .stale(atLine: region.line + first)))
    }
    return findings.sorted { $0.line < $1.line }
  }

  /// Lines after the begin marker at which old and new first differ, from 1.
  private static func firstDifference(_ old: String, _ new: String) -> Int {
    zip(old.linesWithEnds, new.linesWithEnds).prefix { $0.hasSameBytes(as: $1) }.count + 1
  }

  private struct Parser {
    private struct Open {
      var name: String
      var arguments: [String: String]
      var line: Int
      var begin: String
      var body = ""
    }

    var pieces: [Piece] = []
    var faults: [RunbookFinding] = []
    private var prose = ""
    private var open: Open?
    private var fence: String?
    private var line = 0

    mutating func take(_ text: String) {
      line += 1
      // Inside of a region only markers count: what a generator wrote there may well hold fences.
      let marker = open == nil && isFenced(text) ? nil : Marker(text.withoutLineEnd)
      switch marker {
      case nil: append(text)
      case .begin(let name, let arguments): begin(name, arguments, text)
      case .end(let name, let checksum): end(name, checksum, text)
      case .malformed:
        faults.append(RunbookFinding(open?.name ?? "", line: line, .malformed(text.withoutLineEnd)))
        append(text)
      }
    }

    mutating func finish() {
      abandon()
      flush()
    }

    private mutating func append(_ text: String) {
      if open == nil { prose += text } else { open?.body += text }
    }

    private mutating func begin(_ name: String, _ arguments: [String: String], _ text: String) {
      abandon()
      open = Open(name: name, arguments: arguments, line: line, begin: text)
    }

    private mutating func end(_ name: String, _ checksum: String?, _ text: String) {
      guard let begun = open, begun.name == name else {
        faults.append(RunbookFinding(name, line: line, .notBegun))
        append(text)
        return
      }
      flush()
      let region = Region(
        name: name, arguments: begun.arguments, line: begun.line, content: begun.body.unixLines, checksum: checksum)
      pieces.append(.region(region, begin: begun.begin, body: begun.body, end: text))
      open = nil
    }

    /// A region without its end is prose again: nothing of it is ever rewritten.
    private mutating func abandon() {
      guard let begun = open else { return }
      faults.append(RunbookFinding(begun.name, line: begun.line, .unclosed))
      prose += begun.begin + begun.body
      open = nil
    }

    private mutating func flush() {
      if !prose.isEmpty { pieces.append(.prose(prose)) }
      prose = ""
    }

    /// Whether the line belongs to a fenced code block (CommonMark 4.5), its fences included.
    private mutating func isFenced(_ text: String) -> Bool {
      let body = text.withoutLineEnd.drop { $0 == " " }
      if let open = fence {
        let run = body.prefix { $0 == open.first }
        let isClosing = run.count >= open.count && body.dropFirst(run.count).allSatisfy(\.isWhitespace)
        if isClosing { fence = nil }
        return true
      }
      guard let mark = body.first, mark == "`" || mark == "~" else { return false }
      let run = body.prefix { $0 == mark }
      guard run.count >= 3, mark == "~" || !body.dropFirst(run.count).contains("`") else { return false }
      fence = String(run)
      return true
    }
  }
}

/// A marker line: `<!-- poolops:begin NAME key=value -->` or `<!-- poolops:end NAME fnv1a=... -->`.
private enum Marker {
  case begin(String, [String: String])
  case end(String, String?)
  /// Meant as a marker, but not readable as one.
  case malformed

  /// nil when the line is no marker at all.
  init?(_ line: String) {
    let text = line.trimmed
    guard text.hasPrefix("<!--"), text.contains("poolops:") else { return nil }
    let inner = text.dropFirst(4).drop { $0 == " " }
    guard inner.hasPrefix("poolops:") else { return nil }
    self = text.hasSuffix("-->") ? Self.read(String(inner.dropFirst(8).dropLast(3))) : .malformed
  }

  private static func read(_ text: String) -> Marker {
    let words = text.split(separator: " ").map(String.init)
    guard words.count >= 2, let arguments = pairs(words.dropFirst(2)) else { return .malformed }
    switch words[0] {
    case "begin": return .begin(words[1], arguments)
    case "end": return arguments.keys.allSatisfy { $0 == "fnv1a" } ? .end(words[1], arguments["fnv1a"]) : .malformed
    default: return .malformed
    }
  }

  private static func pairs(_ words: ArraySlice<String>) -> [String: String]? {
    var pairs: [String: String] = [:]
    for word in words {
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 2, !parts[0].isEmpty, pairs[parts[0]] == nil else { return nil }
      pairs[parts[0]] = parts[1]
    }
    return pairs
  }
}

extension String {
  /// The lines with their ends; joined they are the string again, byte for byte.
  fileprivate var linesWithEnds: [String] {
    var lines: [String] = []
    var start = utf8.startIndex
    for index in utf8.indices where utf8[index] == UInt8(ascii: "\n") {
      let next = utf8.index(after: index)
      lines.append(String(self[start..<next]))
      start = next
    }
    if start < utf8.endIndex { lines.append(String(self[start...])) }
    return lines
  }

  fileprivate var lineEnd: String {
    utf8.last != UInt8(ascii: "\n") ? "" : (utf8.dropLast().last == UInt8(ascii: "\r") ? "\r\n" : "\n")
  }

  fileprivate var withoutLineEnd: String { String(decoding: utf8.dropLast(lineEnd.utf8.count), as: UTF8.self) }
  fileprivate var unixLines: String {
    linesWithEnds.map { $0.withoutLineEnd + ($0.lineEnd.isEmpty ? "" : "\n") }.joined()
  }
  /// Text from an experiment that looks like a marker must not become one.
  fileprivate var withoutMarkers: String {
    linesWithEnds.map { Marker($0.withoutLineEnd) == nil ? $0 : "\\" + $0 }.joined()
  }
  fileprivate var endingWithNewline: String { isEmpty || utf8.last == UInt8(ascii: "\n") ? self : self + "\n" }
  fileprivate var trimmed: String {
    String(drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
  }

  /// Swift calls texts equal that Unicode normalises alike; a file is its bytes.
  fileprivate func hasSameBytes(as other: String) -> Bool { utf8.elementsEqual(other.utf8) }
}
