import type { Explanation } from '../explanation.ts';
import { finding, shape } from './shape.ts';

/** Two services of a compose file whose PostgreSQL servers have their data on the same volume or host directory. */
export function sharedVolume(text: string): Explanation | undefined {
  const owners = new Map<string, string[]>();
  for (const { name, body } of servicesIn(text)) {
    if (!serves.test(body) || runsOnce.test(body)) continue;
    const sources = new Set([...body.matchAll(dataMount)].map(([, source = '']) => source));
    for (const source of sources) owners.set(source, [...(owners.get(source) ?? []), name]);
  }
  const [source, services = []] = [...owners].find(([, names]) => names.length > 1) ?? [];
  if (source === undefined) return undefined;
  return shape({
    text: `${services.join(', ')}: ${source}`,
    means: 'This is part of a compose file for PostgreSQL.',
    candidates: [
      finding(
        `The services ${services.join(' and ')} have their data on the same volume, ${source}: each server needs a volume of its own. On one machine the second one refuses to start, or the two destroy the data; the image makes no copy, because it finds a data directory there.`,
        'target/not-empty',
      ),
    ],
    advice: `Give every service but the primary another volume (for example ${source}_${services[1] ?? 'standby'}), empty at first. Stop all of them before you change it, and keep ${source} for the primary.`,
    where: 'to see what each of them mounts',
    command: 'docker compose config | grep -B3 -A3 "target:"; docker compose ps -a',
  });
}

const serves = /^[^\S\n]+image: *["']?\S*(?:postgres|postgis|timescale|spilo)/imu;

/** It fills or prepares the volume of another service, before that starts. */
const runsOnce =
  /\bpg_basebackup\b|service_completed_successfully|^[^\S\n]+restart: *["']?no\b|\bchown\b|\binitdb -D\b/mu;

/** At a directory in which an image of PostgreSQL keeps its data, and nothing below it. */
const dataMount =
  /^[^\S\n]*-\s*["']?([\w./~${}-]+):\/(?:bitnami\/postgresql(?:\/data)?|var\/lib\/postgresql(?:\/data|\/\d+\/(?:main|docker))?|home\/postgres\/pgdata)(?::(?:rw|z|Z))?["']?\s*$/gmu;

interface Service {
  readonly name: string;
  readonly body: string;
}

/** By their indentation below `services:`. */
function servicesIn(text: string): readonly Service[] {
  const [, block = ''] = /^services:[ \t]*\n((?:(?:[ \t]+.*|[ \t]*|#.*)(?:\n|$))*)/mu.exec(text) ?? [];
  const indent = /^([ \t]+)[\w.-]+:[ \t]*$/mu.exec(block)?.[1];
  if (indent === undefined) return [];
  return block
    .split(new RegExp(`^${indent}(?=[\\w.-]+:[ \\t]*$)`, 'mu'))
    .slice(1)
    .map((part) => ({ name: part.slice(0, part.indexOf(':')), body: part }));
}
