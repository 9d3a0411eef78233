import { createAdaptorServer } from '@hono/node-server'
import type { Server } from 'node:http'
import type { Hono } from 'hono'
import type { Services } from './services.ts'

/** The app behind Node's HTTP server, with a bound on all that a connection may take. It does not listen yet. */
export const httpServer = (app: Hono, { settings }: Services): Server =>
  createAdaptorServer({
    fetch: app.fetch,
    serverOptions: {
      headersTimeout: settings.headersTimeout,
      requestTimeout: settings.requestTimeout,
      keepAliveTimeout: settings.keepAliveTimeout,
      maxHeaderSize: 16_384,
      connectionsCheckingInterval: 1_000, // how often the timeouts above are looked at
    },
  }) as Server
