import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, rmSync } from 'node:fs'
import { dirname, extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import build from '../tsconfig.build.json' with { type: 'json' }

/** `npm run build`: JavaScript of all that runs, in dist/, and beside it the data that modules read from beside them. */
const root = join(import.meta.dirname, '..')
const dist = join(root, 'dist')
rmSync(dist, { recursive: true, force: true })
execFileSync('tsc', ['-p', 'tsconfig.build.json'], { cwd: root, stdio: 'inherit' })
const folders = [...build.include, 'bin']
for (const folder of folders.filter((each) => extname(each) === '' && existsSync(join(root, each))))
  cpSync(join(root, folder), join(dist, folder), {
    recursive: true,
    force: false, // what was compiled stays
    filter: (path) => !/\.(?:ts|md|svg)$|\/checks\.js$/.test(path),
  })

// RapiDoc is one file with all that it needs; what it was made of would bring native builds and a telemetry along to whoever installs.
const script = fileURLToPath(import.meta.resolve('rapidoc/dist/rapidoc-min.js.gz'))
const rapidoc = join(dist, 'server/pages/rapidoc')
for (const [from, to] of [
  [script, 'rapidoc-min.js.gz'],
  [script.replace(/\.gz$/, '.LICENSE.txt'), 'rapidoc-min.js.LICENSE.txt'],
  [join(dirname(script), '../LICENSE.txt'), 'LICENSE.txt'],
] as const)
  cpSync(from, join(rapidoc, to))
