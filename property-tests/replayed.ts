import {
  reportOf,
  surveyOf,
  tallyOf,
  textInput,
  type Question,
  type Report,
} from '../replay/index.ts'

/** The report on logs that are held as texts, by name. */
export async function replayed(
  question: Question,
  logs: Readonly<Record<string, string | Buffer>>,
): Promise<Report> {
  const inputs = Object.entries(logs).map(([name, text]) => textInput(name, text))
  const survey = await surveyOf(inputs, question)
  return reportOf(await tallyOf(inputs, question, survey), survey, question)
}
