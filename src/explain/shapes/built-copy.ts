import type { Explanation } from '../explanation.ts';
import { finding, shape } from './shape.ts';

/** A Dockerfile that makes the base backup while the image is built. */
export function buildsCopy(text: string): Explanation | undefined {
  if (!/^[ \t]*FROM[ \t]+\S/mu.test(text)) return undefined;
  const line = /^[ \t]*RUN[ \t](?:[^\n\\]|\\[^\n]|\\\n)*?\bpg_basebackup[ \t]+-[^\n&;|]*/mu.exec(text)?.[0];
  if (line === undefined) return undefined;
  return shape({
    text: line,
    means: 'This is a Dockerfile that copies a server while the image is built.',
    candidates: [
      finding(
        'RUN pg_basebackup is executed once, when the image is built: the primary is usually not reachable then (no network of the compose file), the copy becomes part of the image and grows old, and the volume of the container, which is mounted at the data directory later, does not have it.',
        'target/not-empty',
      ),
    ],
    advice:
      'Make the copy when the container starts: an entrypoint that runs pg_basebackup -R as the user postgres if the data directory is empty, and then executes docker-entrypoint.sh postgres. A password belongs in a secret or password file, not in ENV: it stays readable in the image.',
    where: 'to check the copy beforehand',
    command: 'standbylint preflight pg_basebackup -h <primary> -U <role> -D <data directory> -X stream -R',
  });
}
