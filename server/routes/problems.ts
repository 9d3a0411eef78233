import { Hono } from 'hono'
import { problem, problems, type ProblemName } from '../problems.ts'

/** `GET /problems/NAME`: what the `type` of a problem points to. */
export function problemRoutes(): Hono {
  return new Hono().get('/problems/:name', (c) => {
    const name = c.req.param('name')
    if (!Object.hasOwn(problems, name))
      return problem('not-found', `no problem is called ${JSON.stringify(name)}`)
    const { status, title, help } = problems[name as ProblemName]
    return c.text(`${title} (HTTP ${status})\n\n${help}\n`)
  })
}
