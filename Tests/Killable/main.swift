import Commands
import Glibc
import TestSupport

// poolops with a hook: it can be told to die, to stop or to sleep at one named call (Breakpoint.swift).
var world = World.process()
let breakpoints = Breakpoints(world.variables)
// The tests bring a client for HTTP of their own.
world.fetch = TestFetcher()
world.instrument = { breakpoints.between(runnerAnd: $0) }
exit(Poolops.main(in: world))
