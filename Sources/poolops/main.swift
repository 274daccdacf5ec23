import Commands
import Glibc

exit(Poolops.main(in: .process()))
