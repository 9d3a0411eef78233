import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { AwsV4Signer } from 'aws4fetch'
import { httpSource, isWeb, type HttpOptions } from './http-source.ts'
import { SourceError, type Source } from './source.ts'

type Environment = Readonly<Record<string, string | undefined>>
type Credentials = {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

const isS3 = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\/(.+)$/

/**
 * An object in a store that speaks S3, with the variables that all its clients know: AWS_REGION, AWS_ENDPOINT_URL_S3, AWS_ACCESS_KEY_ID, …
 * Returns what is wrong instead.
 */
export function s3Source(
  text: string,
  environment: Environment,
  options: Pick<HttpOptions, 'mostBytes' | 'timeoutMs'>,
): Source | string {
  const [, bucket, key] = isS3.exec(text) ?? []
  if (bucket === undefined || key === undefined)
    return `expected s3://BUCKET/KEY, got ${JSON.stringify(text)}`
  const parts = key.split('/')
  if (parts.some((part) => part === '.' || part === '..'))
    return `expected a key without . and .., got ${JSON.stringify(key)}`
  const endpoint = environment['AWS_ENDPOINT_URL_S3'] || environment['AWS_ENDPOINT_URL']
  const said = environment['AWS_REGION'] || environment['AWS_DEFAULT_REGION']
  if (said === undefined && !endpoint)
    return 'expected the region of the bucket in AWS_REGION, got nothing'
  const region = said ?? 'us-east-1' // as stores that are not Amazon's want it
  if (!/^[a-z0-9-]+$/.test(region))
    return `AWS_REGION: expected a region, got ${JSON.stringify(region)}`
  const path = parts.map(encoded).join('/')
  const url = urlOf(endpoint || `https://s3.${region}.amazonaws.com`, bucket, path, !endpoint)
  if (url === undefined)
    return 'AWS_ENDPOINT_URL_S3: expected an http or https URL without a password'

  const source = httpSource(url, {
    ...options,
    mostRedirects: 0, // what is signed is signed for one host
    async headersFor(at, conditional) {
      const signer = new AwsV4Signer({
        ...plain(await credentials(environment)),
        url: at.href,
        headers: { ...conditional },
        service: 's3',
        region,
      })
      const { headers } = await signer.sign()
      return Object.fromEntries(headers)
    },
    explain(response, start) {
      const [, code] = /<Code>([A-Za-z0-9]{1,60})<\/Code>/.exec(start) ?? []
      const region = response.headers['x-amz-bucket-region']
      const where = typeof region === 'string' && /^[a-z0-9-]{1,40}$/.test(region)
      return [code, where ? `(the bucket is in ${region})` : undefined].filter(Boolean).join(' ')
    },
  })
  return { ...source, name: `s3://${bucket}/${key}` }
}

/** As RFC 3986 has it, which is what S3 signs. */
const encoded = (part: string) =>
  encodeURIComponent(part).replaceAll(
    /[!'()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  )

/** At Amazon the bucket is a part of the host, where its name can be without breaking TLS; elsewhere of the path. */
function urlOf(endpoint: string, bucket: string, path: string, isAmazon: boolean): URL | undefined {
  if (!URL.canParse(endpoint)) return undefined
  const base = new URL(endpoint)
  if (!isWeb(base)) return undefined
  if (isAmazon && !bucket.includes('.')) return new URL(`https://${bucket}.${base.host}/${path}`)
  return new URL(`${base.origin}${base.pathname.replace(/\/$/, '')}/${bucket}/${path}`)
}

/** What could not be sent as it is would come back in an error, which is shown. */
function plain(found: Credentials): Credentials {
  if (Object.values(found).every((value) => /^[\x21-\x7e]+$/.test(value))) return found
  throw new SourceError(
    'credentials',
    'expected keys, and a session token, without spaces, line ends and the like',
  )
}

/** Read anew for each pull, since they expire and are renewed. */
async function credentials(environment: Environment): Promise<Credentials> {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = environment
  if (AWS_ACCESS_KEY_ID && AWS_SECRET_ACCESS_KEY)
    return {
      accessKeyId: AWS_ACCESS_KEY_ID,
      secretAccessKey: AWS_SECRET_ACCESS_KEY,
      ...(AWS_SESSION_TOKEN && { sessionToken: AWS_SESSION_TOKEN }),
    }
  const file = environment['AWS_SHARED_CREDENTIALS_FILE'] || join(homedir(), '.aws', 'credentials')
  const profile = environment['AWS_PROFILE'] || 'default'
  const text = await readFile(file, 'utf8').catch(() => undefined)
  if (text === undefined)
    throw new SourceError(
      'credentials',
      `expected AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a file ${file}, got neither`,
    )
  const found = profileIn(text, profile)
  const { aws_access_key_id, aws_secret_access_key, aws_session_token } = found
  if (!aws_access_key_id || !aws_secret_access_key)
    throw new SourceError(
      'credentials',
      `${file}: expected keys of the profile ${profile}, got none`,
    )
  return {
    accessKeyId: aws_access_key_id,
    secretAccessKey: aws_secret_access_key,
    ...(aws_session_token && { sessionToken: aws_session_token }),
  }
}

/** The members of one section of an INI file. */
function profileIn(text: string, profile: string): Partial<Record<string, string>> {
  const members: Record<string, string> = {}
  let section = ''
  for (const line of text.split(/\r?\n/)) {
    const [, name] = /^\s*\[\s*([^\]]+?)\s*\]/.exec(line) ?? []
    if (name !== undefined) section = name
    const [, member, value] = /^\s*([a-z_]+)\s*=\s*(\S+)\s*$/.exec(line) ?? []
    if (section === profile && member !== undefined) members[member] = value!
  }
  return members
}
