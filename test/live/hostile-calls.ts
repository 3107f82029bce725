import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A preflight of what listens at a port of this machine. */
export const to = (port: number, ...more: readonly string[]): readonly string[] => [
  'preflight',
  '-h',
  '127.0.0.1',
  '-p',
  String(port),
  '-U',
  'replicator',
  '-w',
  '--timeout',
  '1',
  '-R',
  '-X',
  'stream',
  ...more,
];
/** pg_basebackup would make it, with what is missing above it. */
export const nowhere = join(tmpdir(), 'standbylint-nowhere', 'standby');

export const overAdmin = (port: number): readonly string[] => [
  '--admin',
  `host=127.0.0.1 port=${port} user=postgres dbname=postgres`,
];
