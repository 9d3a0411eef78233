import { readFileSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { didYouMean, faultText, pointerTo, readSource, show } from '../../engine/index.ts'
import { fileOf } from './names.ts'
import type { Rows } from './row.ts'

/** A settings file: its members, and where each stands. */
export type SettingsFile = {
  readonly path: string
  /** The folder that its relative paths start from. */
  readonly base: string
  readonly members: ReadonlyMap<string, { readonly value: unknown; readonly from: string }>
  readonly faults: readonly string[]
}

const mostBytes = 1_048_576
/** Editors go by it; to us it means nothing. */
const schemaMember = '$schema'

/** Reads a settings file and says what is wrong with it, but for the values, which are the settings' own to judge. */
export function readSettingsFile(
  file: string,
  folder: string,
  from: string,
  rows: Rows,
): SettingsFile {
  const path = resolve(folder, file)
  const base = dirname(path)
  const broken = (...faults: readonly string[]) => ({ path, base, members: new Map(), faults })
  const read = readSmallFile(path, mostBytes)
  if ('problem' in read) return broken(`${from}: ${read.problem}`)
  const source = readSource(file, read.text)
  if ('faults' in source) return broken(...source.faults.map(faultText))
  const { value, locate } = source
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return broken(`${file}:1:1: expected an object of settings, got ${show(value)}`)

  const names = memberNames(rows)
  const faults: string[] = []
  const members = new Map<string, { value: unknown; from: string }>()
  for (const [name, given] of Object.entries(value)) {
    if (name === schemaMember) continue
    const { line, column } = locate(pointerTo('', name), 'name')
    const place = `${file}:${line}:${column}`
    if (names.includes(name)) members.set(name, { value: given, from: `${place}: ${name}` })
    else {
      const hint = hintFor(name, names)
      faults.push(`${place}: expected a setting, got ${show(name)}${hint ? ` (${hint})` : ''}`)
    }
  }
  return { path, base, members, faults }
}

/** What may stand in a settings file: all but where that file is. */
export const memberNames = (rows: Rows): readonly string[] =>
  Object.entries(rows).flatMap(([name, { type, env }]) =>
    name === 'config' ? [] : type === 'secret' ? [name, fileOf(name, env).name] : [name],
  )

function hintFor(name: string, names: readonly string[]): string | undefined {
  const spelt = names.find((each) => letters(each) === letters(name))
  return spelt === undefined ? didYouMean(name, names).hint : `did you mean ${show(spelt)}?`
}

/** `body-limit`, `--body-limit` and `PORTCULLIS_BODY_LIMIT` have the letters of `bodyLimit`. */
const letters = (name: string) =>
  name
    .toLowerCase()
    .replace(/^portcullis_/, '')
    .replaceAll(/[^a-z]/g, '')

/** The text of a file of at most so many bytes; or what is wrong, as in "expected …, got …". */
export function readSmallFile(
  path: string,
  most: number,
): { readonly text: string } | { readonly problem: string } {
  try {
    const { size } = statSync(path)
    if (size > most) return { problem: `expected a file of at most ${most} bytes, got ${size}` }
    return { text: readFileSync(path, 'utf8') }
  } catch (error) {
    return { problem: `expected a file that can be read, got ${(error as Error).message}` }
  }
}
