import { Hono, type Context } from 'hono'
import { endpoints, everywhere, type Endpoint } from '../contract/endpoints.ts'
import { escaped, marked, page, pageHeaders, preferred } from '../pages/page.ts'
import { problem, problems, type ProblemName } from '../problems.ts'

/** `GET /problems`: all problems. `GET /problems/NAME`: what the `type` of one points to. Pages for browsers, JSON or text for others. */
export function problemRoutes(): Hono {
  return new Hono()
    .get('/problems', (c) => {
      const all = Object.keys(problems) as ProblemName[]
      return shown(c, {
        html: () => listPage(all),
        json: () => all.map(told),
        text: () =>
          all.map((name) => `${name} (HTTP ${problems[name].status}): ${problems[name].title}\n`),
      })
    })
    .get('/problems/:name', (c) => {
      const name = c.req.param('name')
      if (!Object.hasOwn(problems, name))
        return problem('not-found', `no problem is called ${JSON.stringify(name.slice(0, 100))}`)
      const known = name as ProblemName
      const { status, title, help } = problems[known]
      return shown(c, {
        html: () => problemPage(known),
        json: () => told(known),
        text: () => [`${title} (HTTP ${status})\n\n${help}\n`],
      })
    })
}

const told = (name: ProblemName) => ({ type: `/problems/${name}`, ...problems[name] })

function shown(
  c: Context,
  as: {
    readonly html: () => ReturnType<typeof page>
    readonly json: () => object
    readonly text: () => readonly string[]
  },
): Response {
  const vary = { vary: 'accept' }
  switch (preferred(c)) {
    case 'html': {
      const made = as.html()
      return c.body(made.html, 200, { ...pageHeaders(made), ...vary })
    }
    case 'json':
      return c.json(as.json(), 200, vary)
    case 'text':
      return c.text(as.text().join(''), 200, vary)
  }
}

function problemPage(name: ProblemName) {
  const { status, title, help } = problems[name]
  const from = Object.entries<Endpoint>(endpoints).flatMap(([endpoint, each]) =>
    each.problems?.includes(name) ? [`<code>${escaped(endpoint)}</code>`] : [],
  )
  const anywhere = everywhere.includes(name) ? ['any endpoint'] : []
  return page(
    title,
    `<p>HTTP ${status} · <code>${name}</code></p>
<p>${marked(help)}</p>
<p>Comes from ${[...from, ...anywhere].join(', ')}. No problem grants anything: without a decision that allows it, a sign-in is not allowed.</p>
<p><a href="/problems">All problems</a> · <a href="/docs">The endpoints</a></p>`,
  )
}

function listPage(names: readonly ProblemName[]) {
  const rows = names.map(
    (name) =>
      `<tr><td>${problems[name].status}<td><a href="/problems/${name}"><code>${name}</code></a><td>${escaped(problems[name].title)}`,
  )
  return page(
    'Problems',
    `<p>Every way in which a request can fail. None of them grants; a block is no failure but a decision, sent with 200.</p>
<table><tr><th>HTTP<th>type<th>what
${rows.join('\n')}
</table>
<p><a href="/docs">The endpoints</a></p>`,
  )
}
