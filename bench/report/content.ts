import type { LoadResult } from '../load/result.ts'
import { capacityContent } from './content/capacity.ts'
import { comparisonContent } from './content/comparison.ts'
import { engineContent } from './content/engine.ts'
import { layersContent } from './content/layers.ts'
import type { Content } from './content/content.ts'
import { loadContent } from './content/load.ts'
import { peersContent } from './content/peers.ts'
import { soakContent } from './content/soak.ts'
import { targetsContent } from './content/targets.ts'
import { transportContent } from './content/transport.ts'
import type { BenchDocument, Part } from './document.ts'

/** What is to be said of a part. */
export function contentOf(part: Part): Content {
  switch (part.kind) {
    case 'load':
      return loadContent(part.result)
    case 'capacity':
      return capacityContent(part)
    case 'layers':
      return layersContent(part)
    case 'comparison':
      return comparisonContent(part)
    case 'peers':
      return peersContent(part)
    case 'transport':
      return transportContent(part)
    case 'targets':
      return targetsContent(part)
    case 'soak':
      return soakContent(part)
    case 'engine':
      return engineContent(part.result)
  }
}

/** All runs of the load generator in a document, with the title of their part. */
export const loadsOf = ({
  parts,
}: Pick<BenchDocument, 'parts'>): readonly { title: string; result: LoadResult }[] =>
  parts.flatMap((part) =>
    part.kind === 'load'
      ? [part]
      : part.kind === 'capacity' && part.confirmation !== undefined
        ? [{ title: `${part.title}, confirmation`, result: part.confirmation }]
        : [],
  )

/** Where it was the generator that was measured, if anywhere; to be said before all else. */
export const generatorWarning = (document: BenchDocument): string | undefined => {
  const limited = loadsOf(document).flatMap(({ title, result }) =>
    result.generator.limitedBy === undefined ? [] : [`${title}: ${result.generator.limitedBy}`],
  )
  const wrong = loadsOf(document).reduce((sum, { result }) => sum + result.wrong.count, 0)
  return limited.length === 0
    ? undefined
    : `${wrong === 0 ? '' : `${wrong} answers were wrong. `}The load generator was the limit, so the figures do not say what the service can do. ${limited.join('. ')}.`
}

export const allRight = (document: BenchDocument): boolean =>
  document.verdicts.every(({ met }) => met) &&
  loadsOf(document).every(({ result }) => result.wrong.count === 0)
