import type { Explanation } from '../explanation.ts';
import { finding, shape } from './shape.ts';

export function containerFile(text: string): Explanation | undefined {
  const image = /^\s*(?:image:|FROM)\s*["']?(\S*(?:postgres|bitnami\/postgresql|spilo)\S*?)["']?\s*$/imu.exec(
    text,
  )?.[1];
  if (image === undefined) return undefined;
  return shape({
    text: `image ${image}`,
    means: 'This is part of a compose file or Dockerfile for PostgreSQL.',
    candidates: [
      finding(
        'The image runs initdb on an empty data directory at its first start. For a standby, pg_basebackup must fill the volume before (in its own entrypoint or init container); otherwise the two have different system identifiers.',
      ),
      ...(/POSTGRES_(?:USER|PASSWORD|DB)|initdb\.d/u.test(text)
        ? [
            finding(
              'POSTGRES_USER, POSTGRES_PASSWORD, POSTGRES_DB and /docker-entrypoint-initdb.d apply only while the data directory is empty.',
            ),
          ]
        : []),
      ...(/:(?:latest)?$|^[^:]*$/u.test(image)
        ? [
            finding(
              'Without a fixed release (postgres:16) an update can install a release that does not start on the old data.',
            ),
          ]
        : []),
      ...(/:\/var\/lib\/postgresql\/data/u.test(text)
        ? [finding('From release 18 on the volume belongs at /var/lib/postgresql.')]
        : []),
    ],
    command: 'standbylint preflight pg_basebackup -h <primary> -U <role> -D <data directory> -X stream -R',
  });
}
