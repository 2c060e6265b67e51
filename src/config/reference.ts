import { SETTINGS } from './schema.ts'

/** The text of docs/configuration.md. */
export function configurationReference(): string {
  const rows = Object.entries(SETTINGS).map(
    ([name, entry]) =>
      `| \`${name}\` | ${entry.value} | ${entry.default === '' ? '' : `\`${entry.default}\``} | ${entry.text} |`,
  )
  return [
    '# Configuration',
    '',
    'Made from `src/config/schema.ts` by `npm run docs`.',
    '',
    'Settings are read from the environment, then from a JSON file (`hls-receiver serve --config FILE`) with the same names;',
    'the environment wins. A value that cannot be used ends the start with one message and exit code 2. Lists are separated by commas.',
    '',
    '| setting | value | default | what it does |',
    '|---|---|---|---|',
    ...rows,
    '',
  ].join('\n')
}
