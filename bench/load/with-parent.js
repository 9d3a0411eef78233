// JavaScript, so that no service loads what strips types for the sake of being measured.
import { isMainThread } from 'node:worker_threads'

/** Imported before a service's own code, of whatever revision: it never outlives who started it, however that ends. */
if (isMainThread) {
  process.once('disconnect', () => process.exit())
  process.channel?.unref() // by itself it keeps nothing alive
}
