import { again } from './again.ts'
import { shapeOf } from './answers.ts'
import { asking, type Got, type Question } from './asking.ts'
import { ClientError, type Problem } from './error.ts'
import { readOptions, type ClientOptions } from './options.ts'
import type {
  ActivationAnswer,
  BatchItem,
  DecisionAnswer,
  ExplanationAnswer,
  RevisionsAnswer,
  RuleSetAnswer,
  ShadowAnswer,
  SignInQuestion,
  StatusAnswer,
} from './types.ts'

/**
 * Asks a service. Each question ends with an answer that is as the service's own description says, or rejects with a `ClientError`:
 * there is no failure that reads as an allow.
 */
export type Client = {
  readonly decide: (signIn: SignInQuestion) => Promise<DecisionAnswer>
  /** In the same order. What is wrong with one sign-in is said in its place. */
  readonly decideBatch: (signIns: readonly SignInQuestion[]) => Promise<readonly BatchItem[]>
  /** Never rejects: what could not be decided is blocked, and says why. */
  readonly decideOrBlock: (signIn: SignInQuestion) => Promise<DecidedOrBlocked>
  readonly explain: (signIn: SignInQuestion) => Promise<ExplanationAnswer>
  readonly ruleSet: () => Promise<RuleSetAnswer>
  readonly status: () => Promise<StatusAnswer>
  /** The rule sets that are kept, and what decided when. */
  readonly revisions: () => Promise<RevisionsAnswer>
  /** Has the rules read anew. This and what follows changes the service, and is asked once. */
  readonly reload: () => Promise<ActivationAnswer>
  /** Has a rule set decide that is kept, named by its revision or the first digits of it. */
  readonly activate: (revision: string) => Promise<ActivationAnswer>
  /** Has the rule set decide that did before. */
  readonly rollback: () => Promise<ActivationAnswer>
  /** What the candidate in the shadow would have decided otherwise. */
  readonly shadow: () => Promise<ShadowAnswer>
  /** Has the candidate decide; its whole revision may be said, so that it is no other. */
  readonly promote: (revision?: string) => Promise<ActivationAnswer>
  /** Lets go of the connections that are kept. */
  readonly close: () => void
}

export type DecidedOrBlocked =
  | { readonly allowed: boolean; readonly decision: DecisionAnswer; readonly error?: never }
  | { readonly allowed: false; readonly decision?: never; readonly error: ClientError }

/** Throws `TypeError` when the options are wrong. */
export function createClient(given: ClientOptions = {}): Client {
  const options = readOptions(given)
  const { ask, close } = asking(options)

  /** What the answer says, once it is as it is described. Questions that change something are asked once. */
  async function answerTo<T>(
    question: Question,
    shape: string,
    retries = options.retries,
  ): Promise<T> {
    const got = await again(
      async (withinMs) => {
        const got = await ask(question, withinMs)
        if (got.status !== 200) throw problemOf(got)
        return got
      },
      { ...options, retries },
    )
    return believed(jsonOf(got), shape) as T
  }

  function post(path: string, value: unknown): Question {
    try {
      return { method: 'POST', path, body: JSON.stringify(value) }
    } catch (cause) {
      // a ring, a bigint, a getter that throws
      const error = new ClientError('unexpected', 'the question can not be written as JSON', {
        cause,
      })
      error.attempts = 0
      throw error
    }
  }

  /** That it is the decision of this very question. */
  function mustAnswer<D extends Pick<DecisionAnswer, 'ruleSet' | 'correlationId'>>(
    decision: D,
    { envelope }: SignInQuestion,
  ): D {
    const { revision } = options.given
    if (revision !== undefined && decision.ruleSet.revision !== revision)
      throw unexpected(`/ruleSet/revision: expected ${revision}, got ${decision.ruleSet.revision}`)
    if (decision.correlationId !== envelope?.correlationId)
      throw unexpected('/correlationId: expected that of the sign-in, got another')
    return decision
  }

  async function decide(signIn: SignInQuestion): Promise<DecisionAnswer> {
    const decision = await answerTo<DecisionAnswer>(post('/v1/decisions', signIn), 'Decision')
    return mustAnswer(decision, signIn)
  }

  const command = async (path: string, said: object = {}): Promise<ActivationAnswer> =>
    answerTo(post(path, said), 'Activation', 0)

  return {
    decide,
    async decideOrBlock(signIn) {
      try {
        const decision = await decide(signIn)
        return { allowed: isAllowed(decision), decision }
      } catch (cause) {
        const error =
          cause instanceof ClientError
            ? cause
            : new ClientError('unexpected', 'the sign-in can not be asked about', { cause })
        return { allowed: false, error }
      }
    },
    async decideBatch(signIns) {
      const items = await answerTo<readonly BatchItem[]>(
        post('/v1/decisions/batch', signIns),
        'BatchItems',
      )
      if (items.length !== signIns.length)
        throw unexpected(`expected ${signIns.length} answers, got ${items.length}`)
      for (const [index, item] of items.entries()) {
        if (item.index !== index)
          throw unexpected(`/${index}/index: expected ${index}, got ${item.index}`)
        if ('outcome' in item) mustAnswer(item, signIns[index]!)
      }
      return items
    },
    async explain(signIn) {
      const explanation = await answerTo<ExplanationAnswer>(
        post('/v1/decisions/explain', signIn),
        'Explanation',
      )
      mustAnswer(explanation.decision, signIn)
      return explanation
    },
    ruleSet: () => answerTo({ method: 'GET', path: '/v1/rule-set' }, 'RuleSet'),
    status: () => answerTo({ method: 'GET', path: '/v1/status' }, 'Status'),
    revisions: () => answerTo({ method: 'GET', path: '/v1/rule-set/revisions' }, 'Revisions'),
    reload: () => command('/v1/rule-set/reload'),
    activate: (revision) => command('/v1/rule-set/activate', { revision }),
    rollback: () => command('/v1/rule-set/rollback'),
    shadow: () => answerTo({ method: 'GET', path: '/v1/shadow' }, 'Shadow'),
    promote: (revision) =>
      command('/v1/shadow/promote', revision === undefined ? {} : { revision }),
    close,
  }
}

/**
 * True for nothing but a decision, whole and as described, whose outcome is `allow`. A challenge, an explanation, a problem, a promise
 * and whatever else may come are not.
 */
export function isAllowed(answer: unknown): boolean {
  return (
    shapeOf('Decision')(answer) === undefined &&
    (answer as { readonly outcome: string }).outcome === 'allow'
  )
}

const unexpected = (message: string, status?: number): ClientError =>
  new ClientError('unexpected', message, status === undefined ? {} : { status })

const json = /^application\/(?:json|problem\+json)\s*(?:;|$)/i

function jsonOf({ status, headers, text }: Got): unknown {
  const type = headers['content-type'] ?? 'nothing'
  if (!json.test(type))
    throw unexpected(`expected JSON, got ${type.slice(0, 80)} with status ${status}`, status)
  try {
    return JSON.parse(text)
  } catch {
    throw unexpected(`expected JSON, got something else with status ${status}`, status)
  }
}

function believed(answer: unknown, shape: string): unknown {
  const wrong = shapeOf(shape)(answer)
  if (wrong !== undefined) throw unexpected(wrong, 200)
  return answer
}

/** The error that an answer is which is none: the problem that it says, or that it is not to be expected. */
function problemOf(got: Got): ClientError {
  const { status, headers } = got
  if (status < 400) return unexpected(`expected status 200, got ${status}`, status)
  let problem: unknown
  try {
    problem = jsonOf(got)
  } catch (error) {
    return withRetryAfter(error as ClientError, got)
  }
  if (shapeOf('Problem')(problem) !== undefined)
    return withRetryAfter(unexpected(`expected a problem with status ${status}`, status), got)
  const said = problem as Problem
  return new ClientError('problem', `${said.title}: ${said.detail}`, {
    status,
    problem: said,
    ...retryAfterOf(status, headers['retry-after']),
  })
}

/** A 503 of a proxy is no problem of ours, and may be asked again all the same. */
const withRetryAfter = ({ message }: ClientError, { status, headers }: Got): ClientError =>
  new ClientError('unexpected', message, {
    status,
    ...retryAfterOf(status, headers['retry-after']),
  })

function retryAfterOf(status: number, header: string | undefined) {
  if ((status !== 503 && status !== 429) || header === undefined) return {}
  const seconds = /^\d{1,6}$/.test(header)
    ? Number(header)
    : (Date.parse(header) - Date.now()) / 1_000
  return Number.isNaN(seconds) ? {} : { retryAfterMs: Math.max(0, seconds * 1_000) }
}
