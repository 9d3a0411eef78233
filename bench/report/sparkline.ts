const steps = '▁▂▃▄▅▆▇█'.split('')

/** Values as a row of bars at most `width` characters long, from 0 to the highest; a gap where there is none. */
export function sparkline(values: readonly (number | undefined)[], width: number): string {
  const shown = squeezed(values, width, Math.max)
  const most = Math.max(...shown.map((value) => value ?? 0))
  return shown
    .map((value) =>
      value === undefined
        ? ' '
        : steps[most === 0 ? 0 : Math.round((value / most) * (steps.length - 1))]!,
    )
    .join('')
}

/** Values in at most `most` groups of equal length, each made one. */
export function squeezed(
  values: readonly (number | undefined)[],
  most: number,
  toOne: (...group: number[]) => number,
): readonly (number | undefined)[] {
  const each = groupLength(values.length, most)
  return Array.from({ length: Math.ceil(values.length / each) }, (_, index) => {
    const group = values
      .slice(index * each, (index + 1) * each)
      .filter((value) => value !== undefined)
    return group.length === 0 ? undefined : toOne(...group)
  })
}

export const groupLength = (length: number, most: number): number =>
  Math.max(1, Math.ceil(length / most))
