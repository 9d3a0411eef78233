import type { Reason } from './report.ts'

/** What json-rules-engine 7.3.1 refuses itself when facts, shared conditions or rules are added; the hint is its message. */
export const rejected = {
  rule: { expected: 'a rule', hint: 'Engine: addRule() requires options' },
  event: {
    expected: 'a rule with an event',
    hint: 'Engine: addRule() argument requires "event" property',
  },
  conditions: {
    expected: 'a rule with conditions',
    hint: 'Engine: addRule() argument requires "conditions" property',
  },
  eventType: {
    expected: 'an event with a type',
    hint: 'Rule: setEvent() requires event object with "type" property',
  },
  priority: {
    expected: 'a priority of 1 or more, or none',
    hint: 'Priority must be greater than zero',
  },
  root: {
    expected: 'all, any, not or condition at the root',
    hint: '"conditions" root must contain a single instance of "all", "any", "not", or "condition"',
  },
  any: { expected: 'an array of conditions', hint: '"any" must be an array' },
  all: { expected: 'an array of conditions', hint: '"all" must be an array' },
  not: { expected: 'one condition', hint: '"not" cannot be an array' },
  condition: { expected: 'a condition', hint: 'Condition: constructor options required' },
  fact: {
    expected: 'a comparison with a fact',
    hint: 'Condition: constructor "fact" property required',
  },
  operator: {
    expected: 'a comparison with an operator',
    hint: 'Condition: constructor "operator" property required',
  },
  value: {
    expected: 'a comparison with a value',
    hint: 'Condition: constructor "value" property required',
  },
  sharedName: { expected: 'a name', hint: 'Engine: setCondition() requires name' },
  shared: { expected: 'a shared condition', hint: 'Engine: setCondition() requires conditions' },
  factName: { expected: 'a name', hint: 'factId required' },
} as const satisfies Readonly<Record<string, Reason>>

/** What json-rules-engine takes and we do not, because it could not be made to mean exactly the same, or fails there later. */
export const refused = {
  rules: { expected: 'an array of rules', hint: 'json-rules-engine wants one too' },
  allowUndefinedFacts: {
    expected: 'true or false',
    hint: 'whether a fact that is not there is undefined, or an error, has to be said',
  },
  plain: {
    expected: 'plain data, as JSON.parse makes it',
    hint: 'functions, symbols as names, class instances, accessors and holes can not be read like a copy of them',
  },
  proto: {
    expected: 'members of other names than "__proto__"',
    hint: 'json-rules-engine would replace the prototype of its condition, or of the copied data',
  },
  depth: {
    expected: 'at most 500 levels, through references too',
    hint: 'json-rules-engine runs out of stack on deeper rules',
  },
  noConditions: {
    expected: 'conditions',
    hint: 'json-rules-engine takes the rule and then fails in every run',
  },
  handler: {
    expected: 'a rule without handlers',
    hint: 'look at the events and results of a run instead',
  },
  rulePriority: {
    expected: 'a number as priority',
    hint: 'json-rules-engine reads it as NaN, and when the rule runs is left to the sort of the JavaScript engine',
  },
  priorityValue: {
    expected: 'a number as priority, or the text of one',
    hint: 'objects are not read as numbers',
  },
  priorityOrder: {
    expected: 'priorities that can be put in order',
    hint: 'beside conditions of other priorities each must be a number, and equal ones must be spelt alike: otherwise the order is left to the sort of the JavaScript engine',
  },
  priorityReused: {
    expected: 'a whole number as the priority of an object that stands in two places',
    hint: 'json-rules-engine writes the number it parsed back into the object, so the second place would get another priority',
  },
  eventTypeValue: {
    expected: 'a text as the type of an event',
    hint: 'json-rules-engine may fail on turning an object into the name of an event',
  },
  eventTypeName: {
    expected: 'another type of event',
    hint: 'with "error", and the names of the members that every object has, json-rules-engine fails or calls a method when the rule holds',
  },
  path: {
    expected: 'a path of $, .name, ["name"], [0], .* and [*]',
    hint: 'filters, scripts, slices, unions, .., ^, ~ and @ are not evaluated here; quote names with other characters',
  },
  pathName: {
    expected: 'a path that begins with "$."',
    hint: 'json-rules-engine takes this path for a method of its cache and fails',
  },
  pathValue: { expected: 'a text as path', hint: 'json-rules-engine fails on most others' },
  circle: {
    expected: 'a shared condition that does not lead back to itself',
    hint: 'json-rules-engine would run out of stack, or never end',
  },
  decorators: {
    expected: 'at most 100 decorators before an operator',
    hint: 'each is a call inside the other',
  },
  asyncFact: {
    expected: 'a value',
    hint: 'facts that are functions or promises are not supported: evaluation is synchronous',
  },
  factPriority: {
    expected: 'the name of one of the facts given here',
    hint: 'json-rules-engine knows the priority only of facts added to the engine',
  },
} as const satisfies Readonly<Record<string, Reason>>

/** What means something else than it seems to, or fails once it is reached, exactly as in json-rules-engine. */
export const warned = {
  operator: { expected: 'a known operator', hint: 'evaluating it fails' },
  shared: {
    expected: 'the name of a shared condition',
    hint: 'evaluating it fails, or with allowUndefinedConditions it never holds',
  },
  fact: { expected: 'the name of a fact', hint: 'no fact is ever found by it' },
  params: { expected: 'a fact without params', hint: 'only facts that are functions read them' },
  empty: { expected: 'at least one condition', hint: 'an empty list always holds, of "any" too' },
  dropped: {
    expected: 'a condition of one kind',
    hint: 'this member is not evaluated, since there is another kind beside it',
  },
  text: { expected: 'an array', hint: 'in a text it looks for a part of the text' },
  outcome: {
    expected: 'a comparison that does not state its outcome',
    hint: 'it is shown as the outcome whenever the comparison is skipped',
  },
} as const satisfies Readonly<Record<string, Reason>>
