import Commands
import Glibc

// poolops with a hook: it can be told to die, to stop or to sleep at one named call (Breakpoint.swift).
var world = World.process()
let breakpoints = Breakpoints(world.variables)
world.instrument = { breakpoints.between(runnerAnd: $0) }
exit(Poolops.main(in: world))
