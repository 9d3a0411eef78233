import { deciding, type Deciding, type InsideOrder } from './inside.ts'
import type { Round } from './layer.ts'

/** What is said to the process that decides, and what it says. */
export type ToInside = { readonly order: InsideOrder } | { readonly seconds: number }
export type FromInside =
  | { readonly kind: 'ready' }
  | { readonly kind: 'round'; readonly round: Round }
  | { readonly kind: 'error'; readonly message: string }

const say = (message: FromInside) => process.send?.(message)
let ready: Deciding | undefined

async function handle(message: ToInside): Promise<void> {
  if ('order' in message) {
    ready = await deciding(message.order)
    say({ kind: 'ready' })
  } else say({ kind: 'round', round: await ready!.round(message.seconds) })
}

process.on('message', (message: ToInside) => {
  handle(message).catch((error: unknown) =>
    say({ kind: 'error', message: error instanceof Error ? error.message : String(error) }),
  )
})
process.on('disconnect', () => process.exit()) // nobody is left to tell
process.on('SIGINT', () => undefined) // a terminal sends it to the whole group; the parent decides
