import Model
import Testing

@Suite struct TagTests {
  @Test(arguments: ["golden", "before-release", "v1.2", "G", "run", "run-x"])
  func `a name of letters, digits and a few signs is accepted`(name: String) {
    #expect(Tag.fault(inName: name) == nil)
  }

  @Test(arguments: [
    ("", "empty"), ("run-12", "name of a run"), ("12", "name of a run"), ("a b", "' '"), ("peak#3", "'#'"),
    ("a,b", "','"), ("-x", "begin with a letter"), ("é", "begin with a letter"), ("größe", "'ö'"),
    (String(repeating: "x", count: 41), "longer than 40"),
  ]) func `what could be taken for something else is refused`(name: String, why: String) {
    #expect(Tag.fault(inName: name)?.contains(why) == true)
  }
}
