import { ERRORS } from '../core/errors.ts'

/** The text of docs/errors.md. */
export function errorsReference(): string {
  const rows = Object.entries(ERRORS)
    .sort(([, one], [, other]) => one.status - other.status)
    .map(
      ([code, { status, text, fault, retryable }]) =>
        `| \`${code}\` | ${status} | ${fault} | ${retryable ? 'yes' : 'no'} | ${text} |`,
    )
  return [
    '# Errors',
    '',
    'Made from `src/core/errors.ts` by `npm run docs`.',
    '',
    'Errors are answered as `application/problem+json` (RFC 9457) with `type`, `title`, `status`, `code` and sometimes `detail`.',
    'Codes are stable; texts are not. "Again" says whether the same request may succeed later.',
    '',
    '| code | status | whose fault | again | meaning |',
    '|---|---|---|---|---|',
    ...rows,
    '',
  ].join('\n')
}
