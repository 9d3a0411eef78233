import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, rmSync } from 'node:fs'
import { extname, join } from 'node:path'
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
