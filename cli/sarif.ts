import { isAbsolute } from 'node:path'
import type { Location } from '../engine/index.ts'
import packageJson from '../package.json' with { type: 'json' }

type Notification = { readonly level: string; readonly message: { readonly text: string } }

/**
 * A log in the Static Analysis Results Interchange Format 2.1.0 (OASIS), of one run: what it found, and beside it what kept it from
 * looking, and what it could not decide.
 */
export function sarifLog(
  rules: Readonly<Record<string, string>>,
  results: readonly object[],
  faults: readonly Notification[],
  undecided: readonly Notification[],
): string {
  const driver = {
    name: 'portcullis',
    version: packageJson.version,
    rules: Object.entries(rules).map(([id, text]) => ({ id, shortDescription: { text } })),
  }
  const run = {
    tool: { driver },
    columnKind: 'utf16CodeUnits',
    invocations: [
      {
        executionSuccessful: faults.length === 0,
        toolConfigurationNotifications: faults,
        toolExecutionNotifications: undecided,
      },
    ],
    results,
  }
  const document = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [run],
  }
  return `${JSON.stringify(document, null, 2)}\n`
}

/** A place in a file as SARIF has it. */
export function sarifLocation({ file, line, column, length }: Location) {
  const path = encodeURI(file.replaceAll('\\', '/'))
  return {
    physicalLocation: {
      artifactLocation: { uri: isAbsolute(file) ? `file://${path}` : path },
      region: { startLine: line, startColumn: column, endColumn: column + length },
    },
  }
}
