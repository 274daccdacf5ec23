// swift-tools-version: 6.2
import PackageDescription

// The house, floor by floor (docs/architecture.md). A target lists every room that it imports;
// scripts/check-imports compares the two, because SwiftPM would let transitive imports through.

let checked: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .treatAllWarnings(as: .error),
]

/// Standard library only: no sockets, no files, no clock.
let pure: [SwiftSetting] = checked + [.strictMemorySafety()]

func room(_ name: String, _ dependencies: [Target.Dependency] = [], _ settings: [SwiftSetting] = checked) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
  .testTarget(
    name: name + "Tests", dependencies: dependencies, exclude: exclude, swiftSettings: checked)
}

let package = Package(
  name: "poolops",
  products: [
    .executable(name: "poolops", targets: ["poolops"]),
    .executable(name: "poolops-bench", targets: ["Bench"]),
  ],
  targets: [
    // C libraries
    .systemLibrary(name: "CPostgres", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
    .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
    .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
    .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(
      name: "CCMark", pkgConfig: "libcmark-gfm", providers: [.apt(["libcmark-gfm-dev", "libcmark-gfm-extensions-dev"])]),
    .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
    .systemLibrary(name: "CMicroHTTPD", pkgConfig: "libmicrohttpd", providers: [.apt(["libmicrohttpd-dev"])]),
    .systemLibrary(name: "CPlatform"),

    // floor 0
    room("Model", [], pure),
    room("Statistics", [], pure),
    room("Arguments", [], pure),

    // floor 1
    room("Workload", ["Model", "Statistics"], pure),
    room("Ecosystems", ["Model"], pure),
    room("Evidence", ["Model", "Statistics"], pure),
    room("Telemetry", ["Model"], pure),
    room("Monitor", ["Model"], pure),
    room("EventLoop", ["CPlatform"]),
    room("System", ["CPlatform"]),
    room("Postgres", ["CPostgres", "CPlatform"]),
    room("HTTP", ["Model", "CCurl", "CPlatform"]),
    room("Exporter", ["CMicroHTTPD", "CCrypto"]),
    room("YAML", ["CYAML"]),
    room("Configuration", ["Model"], pure),

    // floor 2
    room("Load", ["Model", "Statistics", "Workload", "EventLoop", "Postgres", "HTTP"]),
    room("Staging", ["Model", "Ecosystems", "Configuration", "Postgres", "System", "CPlatform"]),
    room("Probes", ["Model", "Monitor", "Configuration", "Telemetry", "HTTP", "EventLoop", "Postgres", "CPlatform"]),
    room("Store", ["Model", "Monitor", "CSQLite"]),
    room("ExperimentFile", ["Model", "Ecosystems", "Configuration", "Telemetry", "YAML"]),
    room("Manifests", ["Configuration", "YAML"]),

    // floor 3
    room("Runner", ["Model", "Statistics", "Evidence", "Monitor"], pure),
    room("Advice", ["Model", "Statistics", "Evidence", "Ecosystems", "Configuration"], pure),
    room("Report", ["Model", "Evidence", "Ecosystems", "Configuration", "Monitor", "Advice"], pure),

    // floor 4 and 5
    room(
      "Commands",
      [
        "Arguments", "Model", "Ecosystems", "Evidence", "EventLoop", "System", "Postgres", "Load", "Staging", "Probes",
        "HTTP", "Exporter", "Telemetry", "Monitor", "Store", "ExperimentFile", "Configuration", "Manifests", "Runner",
        "Advice",
        "Report",
        "CCrypto", "CCMark",
        "CPlatform",
      ]),
    .executableTarget(name: "poolops", dependencies: ["Commands"], swiftSettings: checked),
    .executableTarget(
      name: "Bench",
      dependencies: [
        "Model", "Load", "Postgres", "EventLoop", "Statistics", "Workload", "Evidence", "Staging", "Probes", "Store",
      ],
      swiftSettings: checked),

    // tests
    .target(
      name: "TestSupport", dependencies: ["Model", "Staging", "System", "Postgres", "CPlatform"],
      path: "Tests/TestSupport",
      swiftSettings: checked),
    tests("Model", ["Model"]),
    tests("Statistics", ["Statistics", "TestSupport"], exclude: ["Oracles"]),
    tests("Arguments", ["Arguments"]),
    tests("Workload", ["Workload", "Model", "Statistics"]),
    tests("Ecosystems", ["Ecosystems", "Model", "Postgres", "TestSupport"], exclude: ["Oracles"]),
    tests("Evidence", ["Evidence", "Model", "Statistics", "TestSupport"], exclude: ["Oracles"]),
    tests(
      "Telemetry", ["Telemetry", "Model", "Postgres", "Staging", "TestSupport"], exclude: ["Fixtures", "Oracles"]),
    tests("Monitor", ["Monitor", "Workload", "Model", "Statistics", "TestSupport"], exclude: ["Oracles"]),
    tests("Postgres", ["Postgres", "Statistics", "Staging", "TestSupport"]),
    tests("Exporter", ["Exporter", "Report", "Monitor", "Model", "TestSupport"]),
    .executableTarget(
      name: "HTTPFuzz", dependencies: ["HTTP", "Model"], path: "Tests/HTTPFuzz", swiftSettings: checked),
    tests("HTTP", ["HTTP", "Model", "TestSupport"]),
    tests("Load", ["Load", "EventLoop", "Postgres", "Model", "Statistics", "Staging", "TestSupport"]),
    tests(
      "Staging",
      [
        "Staging", "Probes", "Monitor", "Telemetry", "EventLoop", "Configuration", "Postgres", "Model", "System",
        "TestSupport",
        "CPlatform",
      ]),
    tests("Store", ["Store", "Model", "Monitor", "Statistics"]),
    tests("YAML", ["YAML"]),
    .executableTarget(
      name: "Fuzz", dependencies: ["Configuration", "Manifests"], path: "Tests/Fuzz", swiftSettings: checked),
    tests(
      "Configuration", ["Configuration", "Fuzz", "CPostgres"], exclude: ["Corpus", "Oracles"]),
    tests("ExperimentFile", ["ExperimentFile", "Model", "TestSupport"], exclude: ["Fixtures"]),
    tests(
      "Manifests", ["Manifests", "Configuration", "System", "TestSupport"],
      exclude: ["Fixtures", "Oracles", "Snapshots"]),
    tests("Runner", ["Runner", "Model", "Monitor", "Evidence"]),
    tests(
      "Advice", ["Advice", "Configuration", "Ecosystems", "Manifests", "Model", "System"], exclude: ["Fixtures"]),
    tests(
      "Report",
      ["Report", "Advice", "Configuration", "Evidence", "Model", "Monitor", "Statistics", "Telemetry", "TestSupport"],
      exclude: ["Snapshots"]),
    .executableTarget(
      name: "Killable", dependencies: ["Commands", "Runner", "Model", "Monitor"], path: "Tests/Killable",
      swiftSettings: checked),
    tests(
      "Commands",
      [
        "Commands", "Arguments", "EventLoop", "Monitor", "Probes", "poolops", "Killable", "Model", "Statistics",
        "Store", "Postgres", "Staging",
        "System", "TestSupport", "CPlatform",
      ],
      exclude: ["Fixtures", "Snapshots", "Targets/Snapshots"]),
  ]
)
