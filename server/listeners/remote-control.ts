import type { CommandName, Control, Controlled, Json } from '../control.ts'

/** Has commands done by the main thread. `deliver` is given what it says of each; a main thread that is gone takes this one with it. */
export function remoteControl(send: (id: number, name: CommandName, args: Json) => void): {
  readonly control: Control
  readonly deliver: (id: number, controlled: Controlled) => void
} {
  const asked = new Map<number, (controlled: Controlled) => void>()
  let nextId = 0
  return {
    control: (name, args = null) =>
      new Promise((resolve) => {
        asked.set(nextId, resolve)
        send(nextId++, name, args)
      }),
    deliver(id, controlled) {
      asked.get(id)?.(controlled)
      asked.delete(id)
    },
  }
}
