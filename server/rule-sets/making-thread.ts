import { lowerPriority } from '../lower-priority.ts'

/** A third of what a thread gets that decides, while both want all: nobody waits for a rule set as for a decision, but a mended one has to get through under load. */
const niceness = 5
lowerPriority(niceness)

export { default } from './make.ts'
