/** The front door: a client of the service, for Node.js. */
export { createClient, isAllowed, type Client, type DecidedOrBlocked } from './client.ts'
export { ClientError, failures, type Failure, type Problem } from './error.ts'
export type { ClientOptions } from './options.ts'
export type * from './types.ts'
