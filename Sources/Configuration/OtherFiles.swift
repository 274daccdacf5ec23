/// Gives a reader the files that the one it reads names: includes, env files.
///
/// - Returns: the bytes; nil when there is no such file or it may not be read.
package typealias OtherFiles = (_ path: String) -> [UInt8]?
