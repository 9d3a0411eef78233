import { expectedValue, facts, printValue, shapeOf, type FactSpec } from '../engine/index.ts'

/** The page of facts for callers and rule authors, made from the fact table. */
export function factsPage(): string {
  const rows = Object.entries(facts).map(
    ([fact, spec]) =>
      `| \`${fact}\` | ${cell(expectedValue(spec.kind))} | ${cell(spec.description)} | ${cell(absence(spec))} | ${cell(spec.source)} |`,
  )
  return `# Facts of a sign-in

Made from the fact table (\`npm run schemas\`). Callers send them nested by area: \`user.roles\` is \`{"user": {"roles": […]}}\`.
Rules name them by their dotted id. What a caller leaves out is refused or assumed as the fourth column says, and listed
in the answer under \`assumed\`; a pack may declare an assumption of its own, with its reason.

| fact | value | meaning | left out | source |
| --- | --- | --- | --- | --- |
${rows.join('\n')}
`
}

function absence({ kind, origin }: FactSpec): string {
  switch (origin.by) {
    case 'engine':
      return `computed from ${origin.from.map((fact) => `\`${fact}\``).join(', ')}; can’t be sent`
    case 'class':
      return `follows from \`${origin.of}\`; one of the two is required`
    case 'caller':
      if (origin.absence === 'classified')
        return `follows from \`${origin.class}\`; one of the two is required`
      return origin.absence === 'refused'
        ? 'required'
        : `\`${JSON.stringify(printValue(kind, origin.value))}\` is assumed${shapeOf(kind).ordered ? '' : ', the strictest value'}`
  }
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ')
