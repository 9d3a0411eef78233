/** The front door of the service. */
export { createApp } from './app.ts'
export type { Log, LogFields } from './log.ts'
export { watchService, type Metrics } from './metrics.ts'
export { problems } from './problems.ts'
export { needsInsecure, serve, type Running } from './serve.ts'
export { servicesOf, type Services } from './services.ts'
export {
  flagOf,
  readSettings,
  settings,
  unknownVariables,
  type Setting,
  type Settings,
} from './settings.ts'
