// Prints what pg-pool itself makes of its options. usage: node defaults.js FOLDER (the package's folder)
const folder = process.argv[2]
const Pool = require(folder)
const version = require(folder + '/package.json').version
class Client {}
const options = (given) => new Pool({ Client, ...given }).options
const plain = options({})
console.log('version', version, '-')
console.log('default max', plain.max)
console.log('default idleTimeoutMillis', plain.idleTimeoutMillis)
console.log('default maxLifetimeSeconds', plain.maxLifetimeSeconds)
console.log('default connectionTimeoutMillis', plain.connectionTimeoutMillis || 0)
console.log(plain.min === undefined ? 'lacks min -' : 'default min ' + plain.min)
console.log('becomes max 0', options({ max: 0 }).max)
// As an app hands on what stands in its environment.
console.log('becomes max abc', options({ max: Number('abc') }).max)
console.log('default poolSize', options({ poolSize: 10 }).max)
