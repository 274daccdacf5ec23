import CPlatform
import EventLoop
import Glibc

/// The terminal while a screen is drawn on it. `close` leaves it as it was.
final class Terminal {
  private let write: (String) -> Void
  private var saved: termios?
  private var isOpen = true

  /// A screen of its own, without a cursor; keys come at once and are not shown. Ctrl-C is a signal as ever.
  init(write: @escaping (String) -> Void) {
    self.write = write
    Signals.noticeResize()
    saved = Self.takeKeys()
    write("\u{1B}[?1049h\u{1B}[?25l")
  }

  deinit { close() }

  func close() {
    guard isOpen else { return }
    isOpen = false
    write("\u{1B}[?25h\u{1B}[?1049l")
    if var saved { tcsetattr(0, TCSADRAIN, &saved) }
  }

  /// nil where keys come from no terminal.
  private static func takeKeys() -> termios? {
    var modes = termios()
    guard isatty(0) == 1, tcgetattr(0, &modes) == 0 else { return nil }
    let saved = modes
    modes.c_lflag &= ~UInt32(ICANON | ECHO)
    withUnsafeMutableBytes(of: &modes.c_cc) { characters in
      characters[Int(VMIN)] = 0
      characters[Int(VTIME)] = 0
      // Stopped by Ctrl-Z, it would leave the shell with its own screen and without an echo.
      characters[Int(VSUSP)] = 0
    }
    return tcsetattr(0, TCSADRAIN, &modes) == 0 ? saved : nil
  }

  var size: (columns: Int, rows: Int) {
    let (columns, rows) = (Int(poolops_terminal_columns(1)), Int(poolops_terminal_rows(1)))
    return (columns > 0 ? columns : 80, rows > 0 ? rows : 24)
  }

  /// All in one piece, over what is there, so that nothing flickers.
  func draw(_ lines: [String]) {
    write("\u{1B}[H" + lines.map { $0 + "\u{1B}[K\n" }.joined() + "\u{1B}[J")
  }

  /// Waits for a key; nil when the time is over or a signal has arrived.
  func key(nanoseconds: Int64) -> UInt8? {
    guard saved != nil else {
      usleep(UInt32(clamping: max(0, nanoseconds) / 1000 + 1))
      return nil
    }
    guard waitUntilReady(0, output: false, nanoseconds: nanoseconds) else { return nil }
    var key: UInt8 = 0
    switch read(0, &key, 1) {
    case 1: return key
    case 0:
      // The other side of the terminal is gone: nobody will ever type, and asking at once again would not end.
      saved = nil
      return nil
    default: return nil
    }
  }
}
