import { extname } from 'node:path'
import type { BenchDocument } from './document.ts'
import { htmlReport } from './html.ts'
import { jsonReport } from './json.ts'
import { junitReport } from './junit.ts'
import { markdownReport } from './markdown.ts'

/** What a report can be written as, by the end of the file's name. */
export const formats: Readonly<Record<string, (document: BenchDocument) => string>> = {
  '.html': htmlReport,
  '.json': jsonReport,
  '.xml': junitReport,
  '.md': markdownReport,
}

/** The report for a file of that name; undefined where the name does not say which. */
export const reportFor = (file: string): ((document: BenchDocument) => string) | undefined =>
  formats[extname(file).toLowerCase()]
