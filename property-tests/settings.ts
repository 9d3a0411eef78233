import { readSettings, type Settings } from '../server/index.ts'

/**
 * Settings of a service under test, as its flags say them: any free port, one thread, and nobody is turned away for having waited, as
 * on a busy machine everybody has. Throws where they are wrong.
 */
export function settingsOf(flags: Readonly<Record<string, string | boolean>> = {}): Settings {
  const read = readSettings({ port: '0', threads: '1', waitLimit: '0', ...flags }, {})
  if ('faults' in read) throw new Error(read.faults.join())
  return read.settings
}
