import Model

/// One plot: axes, what is drawn between them, and words for those who cannot see it.
struct ChartPanel: Hashable, Sendable {
  /// What a line or an area stands for, and so how it looks. Never by colour alone: lines differ in dashes or weight,
  /// areas in filling, and labels name both.
  enum Look: String, Hashable, Sendable {
    case before, after
    case beforeThin = "before thin", afterThin = "after thin"
    case beforeDashed = "before dashed", afterDashed = "after dashed"
    case beforeDotted = "before dotted", afterDotted = "after dotted"
    case limit, event, fault, warmUp = "warm-up"
    /// Lines of one kind beside each other, such as one for each level of load.
    case series1 = "s1", series2 = "s2 dashed", series3 = "s3 dotted", series4 = "s4 dash-dot", series5 = "s5 long-dash"
    case series6 = "s6 thin"

    static let series: [Look] = [.series1, .series2, .series3, .series4, .series5, .series6]
    var isSeries: Bool { Self.series.contains(self) }
  }

  struct Point: Hashable, Sendable {
    var x: Double
    var y: Double
  }

  /// The lowest and the highest at one place.
  struct Extent: Hashable, Sendable {
    var x: Double
    var low: Double
    var high: Double
  }

  enum Layer: Hashable, Sendable {
    case line([Point], Look)
    case band([Extent], Look)
    /// The whole height from one x to another.
    case span(ClosedRange<Double>, Look)
    /// Across the whole width.
    case level(Double, Look)
    /// Down the whole height.
    case moment(Double, Look)
    case dot(Point, Look)
    /// A filled dot: what was measured, on a line that only leads from one to the next.
    case knot(Point, Look)
    /// Around a point that matters.
    case ring(Point, Look)
    /// From the lower end of an interval to its upper one.
    case bar(Extent, Look)

    var look: Look {
      switch self {
      case .line(_, let look), .band(_, let look), .span(_, let look), .level(_, let look), .moment(_, let look),
        .dot(_, let look), .knot(_, let look), .ring(_, let look), .bar(_, let look):
        look
      }
    }
  }

  struct Label: Hashable, Sendable {
    var text: String
    var look: Look
    /// Beside this point, or at the right edge when it is the last of its line.
    var at: Point
    var isAtEdge: Bool
  }

  /// A piece of a caption; with a look it has that look's colour.
  struct Words: Hashable, Sendable, ExpressibleByStringLiteral {
    var text: String
    var look: Look?
    init(_ text: String, _ look: Look? = nil) {
      self.text = text
      self.look = look
    }
    init(stringLiteral text: String) { self.init(text) }
  }

  /// Unique on its page.
  var id: String
  var title: String
  /// What the plot shows, in figures, for a screen reader.
  var summary: String
  var caption: [Words]
  var height = 150
  /// nil: no axis is drawn.
  var x: ChartAxis
  var y: ChartAxis
  var showsX = true
  var showsY = true
  var layers: [Layer] = []
  var labels: [Label] = []
}

extension ChartPanel {
  var hasSeries: Bool { layers.contains { $0.look.isSeries } }
}
