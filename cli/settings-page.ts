import { areas, expectedOf, fileOf, flagOf, type Setting } from '../server/index.ts'

/** The page of settings for operators, made from the table. */
export function settingsPage(): string {
  const parts = Object.entries(areas).map(([area, rows]) => {
    const lines = Object.entries(rows).map(
      ([name, setting]) =>
        `| \`${name}\` | ${flags(name, setting)} | ${variables(name, setting)} | ${cell(value(setting))} | ${cell(setting.help)} |`,
    )
    return `## ${area}

| in the file | flag | variable | value | meaning |
| --- | --- | --- | --- | --- |
${lines.join('\n')}
`
  })
  return `# Settings

Made from the table of settings (\`npm run schemas\`). A setting is given as a flag of \`portcullis serve\`, as an environment variable, or in
a settings file; the first of them that says it wins, then the default. \`portcullis serve --help\` shows the same table.

\`\`\`json
{
  "$schema": "./settings.schema.json",
  "pack": "security-defaults-current",
  "port": 9000,
  "listeners": 2
}
\`\`\`

\`portcullis serve --config portcullis.json\`, or \`PORTCULLIS_CONFIG=portcullis.json portcullis serve\`, reads it. Editors that know JSON Schema
complete it by [settings.schema.json](settings.schema.json).

- **Wrong settings are all named at once**, each with where it was said: the flag, the variable, or line and column of the file. The service
  does not start, exit code 2. In the file a name that is no setting is refused; a variable that begins with \`PORTCULLIS_\` and is none is warned of.
  Of a file that is no JSON, or names a setting twice, that alone is told: what its settings are is not known before it is mended.
- **Values** are numbers, texts and \`true\` or \`false\`. A flag that is on elsewhere is switched off by \`--no-NAME\`. Lists are arrays in the file, and
  elsewhere JSON arrays or texts with commas. A variable that is empty counts as left out; a flag that is empty is wrong.
- **Paths** in the file start from its folder, others from the working directory. \`./my-pack\` is a path, \`my-pack\` the name of a built-in pack, or else of
  a folder in the working directory.
${anySecret() ? secrets : ''}
${parts.join('\n')}`
}

const secrets = `- **Secrets** have no flag, since others on the machine see command lines. They come from a file that \`NAMEFile\` in the settings file,
  \`--NAME-file\` or the variable with \`_FILE\` at its end names, from the variable, or from the settings file. That file must not be writable by its group,
  nor readable by everybody (\`chmod 640\`). A secret is never shown, not even where it is wrong.
`

const anySecret = () => Object.values(areas).some((rows) => Object.values(rows).some(isSecret))

const isSecret = ({ type }: Setting) => type === 'secret'

const flags = (name: string, setting: Setting) =>
  `\`${flagOf(isSecret(setting) ? fileOf(name, setting.env).name : name)}\``

const variables = (name: string, setting: Setting) =>
  [setting.env, ...(isSecret(setting) ? [fileOf(name, setting.env).env] : [])]
    .map((env) => `\`${env}\``)
    .join(', ')

function value(setting: Setting): string {
  const { default: given } = setting
  const text = Array.isArray(given) ? given.join(', ') : String(given ?? '')
  return `${expectedOf(setting)}${text === '' ? '' : `; ${text} by default`}`
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ')
