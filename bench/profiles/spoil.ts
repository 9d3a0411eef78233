import type { Random } from '../random.ts'
import type { SignInJson } from './sign-in.ts'

/** Ways in which callers get a sign-in wrong; each must be refused, whatever the rules. */
const ways: readonly ((signIn: SignInJson) => string)[] = [
  /** A fact that is required is missing. */
  (signIn) => JSON.stringify({ ...signIn, resource: {} }),
  /** A misspelt fact. */
  (signIn) =>
    JSON.stringify({ ...signIn, session: { ...(signIn['session'] as SignInJson), mfaa: 'none' } }),
  /** A value that is none of the fact's. */
  (signIn) =>
    JSON.stringify({ ...signIn, user: { ...(signIn['user'] as SignInJson), type: 'employee' } }),
  /** A text where there should be an array. */
  (signIn) =>
    JSON.stringify({
      ...signIn,
      user: { ...(signIn['user'] as SignInJson), roles: 'Global Administrator' },
    }),
  /** A member twice. */
  (signIn) => `{"at":"1970-01-01T00:00:00Z",${JSON.stringify(signIn).slice(1)}`,
]

/** Not JSON: cut off under way. In a batch it would break the whole request. */
const cutOff = (signIn: SignInJson): string => {
  const text = JSON.stringify(signIn)
  return text.slice(0, Math.floor(text.length / 2))
}

/** The sign-in as a text that is wrong in one way. */
export function spoilt(
  signIn: SignInJson,
  form: 'single' | 'batch' | 'stream',
  random: Random,
): string {
  return random.pick(form === 'batch' ? ways : [...ways, cutOff])(signIn)
}
