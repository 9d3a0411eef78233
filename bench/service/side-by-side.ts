import { cerbos, echo, jsonRulesEngine, service } from './servers.ts'
import { trial, type Sample, type TurnTarget } from './turns.ts'

const ours = service('Portcullis on a core', [], { pinned: true })
const shared = service('Portcullis')
const [bareNode, hono] = [echo('node:http echo', 'echo-node'), echo('Hono echo', 'echo-hono')]

const onePerCore =
  'some 700 bytes a body, 64 connections kept alive, server on one core and client on the other, in turns; CPU time of the server a request'

/** CPU time a decision of the second ÷ the first. */
const cpuOfOther = ([first, second]: readonly Sample[]): number => second!.cpuUs / first!.cpuUs

/** One core of ours beside one core of others. */
export const sideBySide: readonly TurnTarget[] = [
  {
    name: 'bare-node',
    what: 'decisions vs a bare node:http that reads, parses and echoes, per CPU second',
    atLeast: 0.9,
    unit: '×',
    method: onePerCore,
    trials: [trial(ours, 64), trial(bareNode, 64)],
    figure: cpuOfOther,
  },
  {
    name: 'hono',
    what: 'decisions vs a plain Hono on @hono/node-server that echoes JSON, per CPU second',
    atLeast: 1.15,
    unit: '×',
    method: onePerCore,
    trials: [trial(ours, 64), trial(hono, 64)],
    figure: cpuOfOther,
  },
  {
    name: 'json-rules-engine',
    what: 'decisions vs json-rules-engine behind plain Hono, per CPU second',
    atLeast: 3,
    unit: '×',
    method: `the pack’s cases decided by both, answers compared first; ${onePerCore}`,
    trials: [trial(ours, 64), trial(jsonRulesEngine, 64)],
    figure: cpuOfOther,
  },
  {
    name: 'cerbos',
    what: 'CPU time a decision of the Cerbos server vs ours',
    atLeast: 8,
    unit: '×',
    method: `the pack’s cases decided by both, answers compared first; ${onePerCore}`,
    trials: [trial(ours, 64), trial(cerbos, 64)],
    figure: cpuOfOther,
  },
  {
    name: 'batch',
    what: 'a batch of 1,000 over HTTP vs single sign-ins, decisions a second',
    atLeast: 6,
    unit: '×',
    method:
      'all cores shared with the client: 4 batches of 1,000 at once, and 64 single sign-ins at once, in turns; every answer checked',
    trials: [trial(shared, 4, 'batch'), trial(shared, 64)],
    figure: ([batch, single]) => batch!.perSecond / single!.perSecond,
  },
  {
    name: 'batch-cpu',
    what: 'the same, CPU time a decision of single sign-ins ÷ of batches',
    atLeast: 6,
    unit: '×',
    method: 'the same runs',
    trials: [trial(shared, 4, 'batch'), trial(shared, 64)],
    figure: ([batch, single]) => single!.cpuUs / batch!.cpuUs,
  },
]
