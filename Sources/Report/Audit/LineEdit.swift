import Advice
import Configuration

/// Where a fix changes the text of its line: the value alone, so that quotes, indentation, `export` and comments stay.
struct LineEdit: Hashable {
  /// Columns from 1, in Unicode scalars; `end` is the one after the last.
  var start: Int
  var end: Int
  var text: String

  /// nil where the line does not plainly hold the setting, or where the mark of a hidden secret would be written.
  init?(_ fix: Finding.Fix, in line: String) {
    let line = Array(line.unicodeScalars)
    guard let setting = fix.setting, !fix.line.contains(Written.hidden) else { return nil }
    let names = [setting, setting.split(separator: ".").last.map(String.init) ?? setting]
    switch fix.kind {
    case .code: return nil
    case .removal:
      guard names.contains(where: { Self.value(of: $0, in: line) != nil }) else { return nil }
      start = 1 + line.prefix { $0 == " " || $0 == "\t" }.count
      end = start
      text = "# "
    case .line, .parameter:
      // Kubernetes writes the name on one line and `value: "20"` on the next.
      guard let value = fix.value,
        let range = (names + ["value"]).lazy.compactMap({ Self.value(of: $0, in: line) }).first
      else { return nil }
      start = range.lowerBound + 1
      end = range.upperBound + 1
      text = value
    }
  }

  /// The indices of what stands behind `name=`, `name:` or `name =`, without its quotes.
  private static func value(of name: String, in line: [Unicode.Scalar]) -> Range<Int>? {
    let name = Array(name.unicodeScalars)
    guard !name.isEmpty, line.count > name.count else { return nil }
    for start in 0..<(line.count - name.count) where line[start..<start + name.count].elementsEqual(name) {
      if start > 0, isOfName(line[start - 1]) { continue }
      var next = start + name.count
      // A quoted key: `"DB_POOL_MAX": "20"`.
      if next < line.count, line[next] == "\"" || line[next] == "'" { next += 1 }
      next = skipSpace(line, next)
      guard next < line.count, line[next] == "=" || line[next] == ":" else { continue }
      next = skipSpace(line, next + 1)
      let isQuoted = next < line.count && (line[next] == "\"" || line[next] == "'")
      if isQuoted { next += 1 }
      let end = line[next...].firstIndex(where: endsValue) ?? line.count
      return next..<end
    }
    return nil
  }

  private static func isOfName(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || scalar == "_"
  }

  private static func endsValue(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case " ", "\t", "\"", "'", ",", ";", "#", "&", "]", "}": true
    default: false
    }
  }

  private static func skipSpace(_ line: [Unicode.Scalar], _ start: Int) -> Int {
    line[start...].firstIndex { $0 != " " && $0 != "\t" } ?? line.count
  }
}
