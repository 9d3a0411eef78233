import type { BenchDocument } from './document.ts'

/** Version and commit, and whether the work tree differs from it. */
export const portcullisText = ({ version, commit, changed }: BenchDocument['portcullis']): string =>
  [version, ...(commit === undefined ? [] : [commit]), ...(changed ? ['(changed)'] : [])].join(' ')
