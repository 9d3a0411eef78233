/** The front door of the service. */
export { needsCredentials } from './access/access.ts'
export { isLoopback } from './access/origin.ts'
export { scopes, type Scope } from './access/scopes.ts'
export { readTokens, stampOfFile, TokensFault, writeTokens } from './access/tokens-file.ts'
export { TlsFault } from './access/tls.ts'
export {
  digestOf,
  fingerprintOf,
  newToken,
  type TokenEntry,
  type TokensFile,
} from './access/tokens.ts'
export { createApp } from './app.ts'
export { answers } from './contract/answers.ts'
export { openApi } from './contract/open-api.ts'
export { logTo } from './log-to.ts'
export { NoBundle } from './bundles/first.ts'
export { openBundles, wouldStartBy } from './bundles/open-bundles.ts'
export type { Log, LogFields } from './log.ts'
export { watchService, type Metrics } from './metrics.ts'
export { LogUnusable } from './observers/log/part.ts'
export { problems } from './problems.ts'
export { needsInsecure, serve, type Running } from './serve.ts'
export type { Activation, By, Candidate, LastReload } from './rule-sets/activation.ts'
export {
  gateOf,
  proofTimer,
  prove,
  tellUnproved,
  unattestedText,
  type Gate,
} from './rule-sets/proving.ts'
export { notOurs } from './rule-sets/store/held-state.ts'
export { revisionStore } from './rule-sets/store/revision-store.ts'
export { StateUnusable } from './rule-sets/store/state-unusable.ts'
export type { RuleSets } from './rule-sets/rule-sets.ts'
export { servicesOf, type Services } from './services.ts'
export {
  fileOf,
  areas,
  flagOf,
  settings,
  type Setting,
  type SettingName,
  type Settings,
} from './settings.ts'
export { readSettings, unknownVariables, type ReadSettings } from './settings/read.ts'
export { settingsSchema } from './settings/schema.ts'
export { expectedOf } from './settings/kinds.ts'
