/** `--body-limit` for `bodyLimit`. */
export const flagOf = (name: string): string =>
  `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`

/** The name and the variable that name a file with a secret, instead of saying it. */
export const fileOf = (name: string, env: string) => ({ name: `${name}File`, env: `${env}_FILE` })
