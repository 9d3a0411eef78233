import { settings } from '../settings.ts'
import { kindOf, type JsonSchema } from './kinds.ts'
import { fileOf } from './names.ts'
import type { Rows } from './row.ts'

/** The JSON Schema of a settings file. */
export function settingsSchema(rows: Rows = settings): JsonSchema {
  const members: Record<string, JsonSchema> = { $schema: { type: 'string' } }
  for (const [name, setting] of Object.entries(rows)) {
    if (name === 'config') continue
    members[name] = {
      description: setting.help,
      ...kindOf(setting).schema(setting),
      ...(setting.default !== undefined && { default: setting.default }),
    }
    if (setting.type === 'secret')
      members[fileOf(name, setting.env).name] = {
        description: `path of a file with it: ${setting.help}`,
        type: 'string',
        minLength: 1,
      }
  }
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Settings of Portcullis',
    type: 'object',
    properties: members,
    additionalProperties: false,
  }
}
