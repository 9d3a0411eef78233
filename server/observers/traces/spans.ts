import { SpanKind, SpanStatusCode, type HrTime } from '@opentelemetry/api'
import { resourceFromAttributes } from '@opentelemetry/resources'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import { randomBytes } from 'node:crypto'
import type { DecisionBody } from '../../../engine/index.ts'
import { parentOf } from '../trace-context.ts'

/** What is kept of a decision until its span is made. */
export type Noted = {
  readonly text: string
  /** Milliseconds. */
  readonly now: number
  readonly durationMs: number
  readonly trace: string | undefined
}

const sampledFlag = 1

/** Makes the span of a decision: which it was and what came of it, and nothing of who signed in. */
export function spanMaker(version: string, listener: number): (noted: Noted) => ReadableSpan {
  const resource = resourceFromAttributes({
    'service.name': 'portcullis',
    'service.version': version,
    'service.instance.id': `${process.pid}-${listener}`,
  })
  const instrumentationScope = { name: 'portcullis', version }

  return ({ text, now, durationMs, trace }) => {
    const { decisionId, outcome, reasons, advice, assumed, ruleSet } = JSON.parse(text) as {
      readonly decisionId: string
    } & DecisionBody
    const parent = parentOf(trace)
    const context = {
      traceId: parent?.traceId ?? randomBytes(16).toString('hex'),
      spanId: randomBytes(8).toString('hex'),
      traceFlags: sampledFlag,
    }
    return {
      name: 'portcullis.decide',
      kind: SpanKind.SERVER,
      spanContext: () => context,
      ...(parent && { parentSpanContext: { ...parent, traceFlags: sampledFlag, isRemote: true } }),
      startTime: hrTime(now),
      endTime: hrTime(now + durationMs),
      duration: hrTime(durationMs),
      status: { code: SpanStatusCode.UNSET },
      attributes: {
        'portcullis.decision.id': decisionId,
        'portcullis.decision.outcome': outcome,
        'portcullis.rule_set.id': ruleSet.id,
        'portcullis.rule_set.revision': ruleSet.revision,
        'portcullis.rules': [...reasons, ...advice].map(({ rule }) => rule),
        'portcullis.facts.assumed': assumed.map(({ fact }) => fact),
      },
      links: [],
      events: [],
      ended: true,
      resource,
      instrumentationScope,
      droppedAttributesCount: 0,
      droppedEventsCount: 0,
      droppedLinksCount: 0,
    }
  }
}

/** Seconds and nanoseconds. */
const hrTime = (ms: number): HrTime => {
  const seconds = Math.floor(ms / 1_000)
  return [seconds, Math.round((ms - seconds * 1_000) * 1_000_000)]
}
