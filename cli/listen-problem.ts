import { flagOf, type Settings } from '../server/index.ts'

/** Why the service can't listen where it should, by the code of the error, and after "; " what to do; undefined if that is not it. */
export function listenProblem(
  code: unknown,
  { host, port, socket, listeners }: Settings,
): string | undefined {
  if (socket !== undefined) return ofSocket(code, socket)
  if (code === 'EADDRINUSE')
    return `${host}:${port} is taken; choose another with ${flagOf('port')}, or 0 for a free one`
  if (code === 'EACCES') return `${host}:${port} may not be used; ports below 1024 need rights`
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return `${host} is no address of this machine; choose another with ${flagOf('host')}`
  if (code === 'ENOTSUP' && listeners > 1)
    return `${flagOf('listeners')} ${listeners}: this system can't share a port between threads; leave it out`
  return undefined
}

function ofSocket(code: unknown, socket: string): string | undefined {
  if (code === 'EADDRINUSE')
    return `${socket} is taken by another service, or is no socket; choose another with ${flagOf('socket')}`
  if (code === 'EACCES' || code === 'ENOENT' || code === 'ENOTDIR')
    return `${socket} can't be made (${code}); its folder has to be there, and be one that you may write to`
  if (code === 'EINVAL' || code === 'ENAMETOOLONG')
    return `${socket} is too long for a socket; choose a shorter one with ${flagOf('socket')}`
  return undefined
}
