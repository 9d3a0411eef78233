import { pointerTo } from '../fault.ts'
import { parsePath, type Path } from './path.ts'
import { deepest, type PlainObject } from './plain.ts'
import { refused } from './refusals.ts'
import type { Report } from './report.ts'
import type { Read } from './tree.ts'

/** An object that json-rules-engine takes for the name of a fact wherever a value may stand. */
export function isFactReference(value: unknown): value is PlainObject {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, 'fact')
}

/** The fact and path of a comparison, or of a value or parameter that refers to a fact; `holder` is a copy. */
export function readFact(holder: PlainObject, pointer: string, report: Report): Read {
  const path = holder['path']
    ? readPath(holder['path'], pointerTo(pointer, 'path'), report)
    : undefined
  return { fact: holder['fact'], path }
}

function readPath(text: unknown, pointer: string, report: Report): Path | undefined {
  if (typeof text !== 'string') return report(refused.pathValue, pointer, text)
  if (text in Object.prototype) return report(refused.pathName, pointer, text)
  const path = parsePath(text)
  if (path === undefined || path.length > deepest) return report(refused.path, pointer, text)
  return path
}
