/**
 * Identifier URIs of resources, as OAuth's `resource` and `scope` name them, and the application ids that Entra logs for
 * them. What is neither an id nor one of these is refused: a resource that no list can know would slip past every rule.
 */
const byHost = {
  'management.azure.com': '797f4846-ba00-4fd7-ba43-dac1f8f63013',
  'management.core.windows.net': '797f4846-ba00-4fd7-ba43-dac1f8f63013',
  'graph.microsoft.com': '00000003-0000-0000-c000-000000000000',
  'graph.windows.net': '00000002-0000-0000-c000-000000000000',
  'outlook.office365.com': '00000002-0000-0ff1-ce00-000000000000',
  'outlook.office.com': '00000002-0000-0ff1-ce00-000000000000',
  'vault.azure.net': 'cfa8b339-82a2-471a-a3c9-0fc0be7a4093',
  'storage.azure.com': 'e406a681-f3d4-42a8-90b6-c2b029497af1',
  'database.windows.net': '022907d3-0f1b-48f7-badc-1ba6abab6d66',
  'datalake.azure.net': 'e9f49c6b-5ce5-44c8-925d-015017e9f7ad',
  'api.applicationinsights.io': 'f5c26e74-f226-4ae8-85f0-b4af0080ac9e',
  'api.loganalytics.io': 'ca7f3f0b-7d91-482c-8e09-c5d840d0eac5',
} as const

const spellings = (host: string) => [
  `https://${host}`,
  `https://${host}/`,
  `https://${host}/.default`,
  `https://${host}//.default`,
]

export const applicationIds: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(byHost).flatMap(([host, id]) => spellings(host).map((uri) => [uri, id])),
)
