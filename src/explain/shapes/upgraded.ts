import type { Explanation } from '../explanation.ts';
import { finding, postmortem, shape } from './shape.ts';

/** What people say of their primary beside the refusal of a standby of the release before (pg_upgrade's manual, "Usage"). */
export function upgraded(text: string): Explanation | undefined {
  // a server that was upgraded alone is another matter
  if (!/\bpg_upgrade\b/u.test(text) || !/\b(?:standby|replica|slave|secondary)s?\b/iu.test(text)) return undefined;
  return shape({
    text: 'pg_upgrade',
    means: 'This text speaks of an upgrade by pg_upgrade.',
    candidates: [
      finding(
        'The primary was upgraded with pg_upgrade, and the standby was not: its data directory is of the release before. A standby can only follow a primary of the same major release. Take a new base backup of the upgraded primary.',
        'standby/version-mismatch',
      ),
    ],
    command: postmortem,
  });
}
