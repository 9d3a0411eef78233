import answers from './answers.json' with { type: 'json' }
import { shapes } from './shape.ts'

/** Shapes of all answers, made of the tables by which the service answers (`npm run schemas`). */
export const shapeOf = shapes(answers as Readonly<Record<string, object>> as never)
