import { capacityFigures } from './charts/capacity.ts'
import { comparisonFigures } from './charts/comparison.ts'
import { engineFigures } from './charts/engine.ts'
import type { Figure } from './charts/figure.ts'
import { layersFigures } from './charts/layers.ts'
import { loadFigures } from './charts/load.ts'
import { peersFigures } from './charts/peers.ts'
import { soakFigures } from './charts/soak.ts'
import type { Part } from './document.ts'

/** The charts of a part; none where there is nothing to draw. */
export function figuresOf(part: Part): readonly Figure[] {
  switch (part.kind) {
    case 'load':
      return loadFigures(part.result)
    case 'capacity':
      return [
        ...capacityFigures(part),
        ...(part.confirmation === undefined
          ? []
          : loadFigures(part.confirmation).map((figure) => ({
              ...figure,
              title: `Confirmation: ${figure.title[0]!.toLowerCase()}${figure.title.slice(1)}`,
            }))),
      ]
    case 'layers':
      return layersFigures(part)
    case 'comparison':
      return comparisonFigures(part)
    case 'peers':
      return peersFigures(part)
    case 'transport':
    case 'targets':
      return []
    case 'soak':
      return soakFigures(part)
    case 'engine':
      return engineFigures(part.result)
  }
}
