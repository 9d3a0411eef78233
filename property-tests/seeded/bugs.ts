/** A mistake planted in the prover: a text of one module, and what it would say with the mistake. */
export type Bug = {
  readonly name: string
  readonly file: string
  readonly text: string
  readonly wrong: string
}

const of = (file: string, name: string, text: string, wrong: string): Bug => ({
  name,
  file: `engine/verify/${file}.ts`,
  text,
  wrong,
})

/** Each as it could be made, most of them by somebody who makes the prover faster. */
export const bugs: readonly Bug[] = [
  of(
    'test',
    'doesNotContain asks for some other member',
    'const ofNone = holds([])',
    'const ofNone = false',
  ),
  of('test', 'not: is dropped', '? -parts[0]!', '? parts[0]!'),
  of('test', 'someValue: wants all of the values', '? formula.any(parts)', '? formula.all(parts)'),
  of(
    'test',
    'never counts as 0',
    'return orNever(column, holds(null), formula',
    'return orNever(column, holds(0), formula',
  ),
  of('test', 'no points in the gaps between constants', '[point, point + 1]', '[point]'),
  of(
    'test',
    'less than another fact includes equal',
    'return atMost(a.number, b.number, -1)',
    'return atMost(a.number, b.number, 0)',
  ),
  of(
    'partition',
    'no value stands for all that nobody mentions',
    'return [...pool, ...new Set(unnamed.filter((value) => parseMember(kind, value) === value))]',
    'return pool.size > 0 ? [...pool] : unnamed',
  ),
  of(
    'partition',
    'one spare value for facts that are compared',
    'spares(some, pool, linked.length)',
    'spares(some, pool, 1)',
  ),
  of(
    'partition',
    'no constants of the facts compared with',
    '      linked\n        .flatMap((each) =>',
    '      linked\n        .filter((each) => each.fact === fact)\n        .flatMap((each) =>',
  ),
  of(
    'partition',
    'values that an array has together are one',
    '.flatMap((test) => [...simpleParts(test)])',
    '.flatMap((test) => [test])',
  ),
  of('partition', 'members of several classes are one', '[apart(value), ...', '['.concat('...')),
  of(
    'column',
    'several values at once',
    'formula.add([-earlier, -one])',
    'formula.add([-earlier, -one, one])',
  ),
  of('column', 'no value at all', '  formula.add(of)\n', ''),
  of(
    'column',
    'pairs of values that do not exclude each other',
    'for (const other of of.slice(0, index)) formula',
    'for (const other of of.slice(1, index)) formula',
  ),
  of(
    'computed',
    'grace is over a day late',
    'atMost(elapsed, period.number, -left)',
    'atMost(elapsed, period.number, 1 - left)',
  ),
  of(
    'computed',
    'grace starts at the earlier of the two times',
    '        atMost(enabled.number, at.number, -days * day),\n',
    '',
  ),
  of(
    'computed',
    'who never signed in has no grace left',
    'formula.any([first.never, atMost(',
    'formula.any([-formula.always, atMost(',
  ),
  of(
    'computed',
    'sessions of the very instant are revoked',
    'atMost(issued.number, valid.number, -1)])',
    'atMost(issued.number, valid.number, 0)])',
  ),
  of('computed', 'hours are rounded up', '-hours * hour)', '-hours * hour + 1)'),
  of(
    'encoding',
    'clocks that differ are not let pass',
    'times.atMost(column.number!, at.number!, clockSkewMs)',
    'times.atMost(column.number!, at.number!, 0)',
  ),
  of(
    'encoding',
    'what is assumed to be ahead is not let pass',
    '...(instead === undefined ? [] : [equals(formula, column, instead.value)])',
    '...[]',
  ),
  of(
    'encoding',
    'a class and its member contradict each other',
    "if (below.holds !== 'one' || above.holds !== 'one') continue",
    'continue',
  ),
  of(
    'differences',
    'the ladder of bounds lacks a clause',
    'if (below) formula.add([-below.literal, literal])',
    'if (below) formula.add([below.literal, -literal])',
  ),
  of(
    'differences',
    'a lemma with a wrong sign',
    'clause.push(-edge.literal)',
    'clause.push(edge.literal)',
  ),
  of(
    'differences',
    'a contradiction of times is overlooked',
    'if (last === undefined) return undefined',
    'if (last === undefined || round > 0) return undefined',
  ),
  of(
    'formula',
    'a gate in one direction only',
    'for (const input of inputs) sat.add([gate, -input])',
    '',
  ),
  of(
    'formula',
    'a wide gate loses its last part',
    'return any(parts)',
    'return any(parts.slice(0, -1))',
  ),
  of(
    'solver',
    'the minimiser asks for one literal of a reason',
    'return false\n    }\n    return true',
    'continue\n    }\n    return true',
  ),
  of(
    'solver',
    'jumps back one level too far',
    '    backTo(level)\n    if (clause.length === 1)',
    '    backTo(level > 1 ? level - 1 : level)\n    if (clause.length === 1)',
  ),
  of(
    'solver',
    'forgets clauses that conclusions rest on',
    '&& !inUse(clause)',
    '&& clause !== none',
  ),
  of(
    'solver',
    'a core without its last assumption',
    'core = [...new Set(needed)]',
    'core = [...new Set(needed)].slice(0, -1)',
  ),
  of(
    'solver',
    'a watch is lost',
    'watches[next]!.push(clause, first)',
    'if (next % 7) watches[next]!.push(clause, first)',
  ),
  of(
    'solver',
    'a false assumption is taken for met',
    'if (values[literal]! < 0) {\n        conclude',
    'if (values[literal]! < -1) {\n        conclude',
  ),
  of(
    'solver',
    'an assumption of the question before stands',
    '    backTo(shared)\n',
    '    backTo(shared + 1)\n',
  ),
  of(
    'certificate',
    'what was assumed for one clause is kept for the next',
    '      truth[room - literal] = 0\n',
    '',
  ),
  of('certificate', 'everything follows', 'return refuted\n', 'return true\n'),
  of(
    'certificate',
    'lemmas of the theory are taken unasked',
    'source === ofTheory ? isValid([...clause])',
    'source === ofTheory ? true',
  ),
  of(
    'witness',
    'the nearest is not looked for',
    'while (count < moreThan.length && !possible(-moreThan[count]!)) count++',
    'count = moreThan.length',
  ),
  of(
    'witness',
    'facts that force it are left out',
    'const early = needed([...fixed, ...last], first)',
    'const early = needed([...fixed, ...facts], first)',
  ),
  of(
    'deciding',
    'a challenge outranks a block',
    'const demands = asked.map((literal) => formula.all([-block, literal]))',
    'const demands = asked.map((literal) => formula.all([literal]))',
  ),
]
