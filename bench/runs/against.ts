import type { BenchDocument, Part, Verdict } from '../report/document.ts'
import { rounded } from '../table.ts'
import { Misuse } from './misuse.ts'

/** A figure of a run that can be held against the same figure of another. */
type Figure = { readonly value: number; readonly unit: string; readonly better: 'more' | 'less' }

/**
 * Whether a run is no worse than an earlier one: each figure that both have may be worse by the threshold (a share of 1) at most.
 * Throws a `Misuse` where the two have nothing in common.
 */
export function againstEarlier(
  now: BenchDocument,
  earlier: BenchDocument,
  threshold: number,
): readonly Verdict[] {
  const before = figuresOf(earlier.parts)
  const both = [...figuresOf(now.parts)].filter(([what]) => (before.get(what)?.value ?? 0) > 0)
  if (both.length === 0)
    throw new Misuse(
      `nothing to hold against the earlier run: it measured ${listed(before)}, this one ${listed(figuresOf(now.parts))}`,
    )
  return [
    sameMachine(now, earlier),
    ...both.map(([what, { value, unit, better }]): Verdict => {
      const was = before.get(what)!.value
      const worse = better === 'less' ? value / was - 1 : was / value - 1
      return {
        what,
        measured: `${rounded(value)} ${unit}, was ${rounded(was)}`,
        wanted: `at most ${rounded(threshold * 100)}% worse`,
        met: worse <= threshold,
      }
    }),
  ]
}

const listed = (figures: ReadonlyMap<string, Figure>): string =>
  [...figures.keys()].join(', ') || 'nothing'

/** Figures of two machines, or of two versions of Node.js, say nothing about a change of ours. */
function sameMachine(now: BenchDocument, earlier: BenchDocument): Verdict {
  const [is, was] = [now, earlier].map(
    ({ machine }) => `${machine.processor}, ${machine.cores} cores, Node.js ${machine.node}`,
  )
  return { what: 'same machine', measured: is!, wanted: was!, met: is === was }
}

/** By what they are of; later parts of the same title do not take the place of earlier ones. */
function figuresOf(parts: readonly Part[]): ReadonlyMap<string, Figure> {
  const figures = new Map<string, Figure>()
  for (const [what, figure] of parts.flatMap(figuresOfPart))
    if (!figures.has(what)) figures.set(what, figure)
  return figures
}

function figuresOfPart(part: Part): readonly (readonly [string, Figure])[] {
  switch (part.kind) {
    case 'load': {
      const { title, result } = part
      const answered = result.latency.count > 0
      return [
        [`${title}: p50`, us(answered ? result.latency.p50Us : Infinity)],
        [`${title}: p99`, us(answered ? result.latency.p99Us : Infinity)],
        ...(result.loop.kind === 'closed'
          ? [[`${title}: rate`, rate(result.perSecond)] as const]
          : []),
        ...(result.service
          ? [[`${title}: CPU a request`, us(result.service.cpuUsPerRequest)] as const]
          : []),
      ]
    }
    case 'capacity':
      return [[part.title, rate(part.perSecond ?? 0)]]
    case 'layers':
      return part.rows
        .filter(({ ceiling }) => !ceiling)
        .map(({ layer, cpuUs }) => [`${layer}: CPU a decision`, us(cpuUs)])
    case 'targets':
      return part.rows.flatMap(({ name, what, value, unit, wanted }) =>
        value === undefined
          ? []
          : [
              [
                `${name}: ${what}`,
                { value, unit, better: wanted.startsWith('≥') ? 'more' : 'less' },
              ],
            ],
      )
    case 'comparison':
    case 'peers':
    case 'transport':
    case 'soak':
    case 'engine':
      return []
  }
}

const us = (value: number): Figure => ({ value, unit: 'µs', better: 'less' })
const rate = (value: number): Figure => ({ value, unit: 'a second', better: 'more' })
