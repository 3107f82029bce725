import { parsedJson } from './json.ts';
import type { Inventory } from './inventory.ts';
import { listOf, objectOf, valuesOf } from './inventory.ts';
import { UsageError } from '../../usage-error.ts';

/**
 * The hosts of an inventory, or of one of its groups, as ansible-inventory lists them. A variable `standbylint` of a host
 * has options of its target.
 */
export const ansible: Inventory = {
  kind: 'ansible',
  value: 'FILE[#GROUP]',
  does: 'hosts by "ansible-inventory --list"; the variable standbylint has options of a target',
  each: { pgdata: 'ssh:{login}' },
  read: async (value, ask) => {
    const [, file = '', group = 'all'] = /^(.*?)(?:#([^#/]*))?$/su.exec(value) ?? [];
    const listed = objectOf(
      parsedJson(await ask.program('ansible-inventory', ['--inventory', file, '--list']), 'ansible-inventory'),
    );
    const variables = objectOf(objectOf(listed['_meta'])['hostvars']);
    if (group !== 'all' && listed[group] === undefined)
      throw new UsageError(`${file} has no group "${group}".`, `Groups: ${namesOf(listed).join(', ')}.`);
    return [...hostsOf(listed, group, new Set())].map((name) => {
      const { ansible_host, ansible_user, standbylint } = objectOf(variables[name]);
      const host = valuesOf({ ansible_host })['ansible_host'] ?? name;
      const { user } = valuesOf({ user: ansible_user });
      return {
        name,
        values: valuesOf({ host, user, login: user === undefined ? host : `${user}@${host}` }),
        options: objectOf(standbylint),
      };
    });
  },
};

const namesOf = (listed: Readonly<Record<string, unknown>>): readonly string[] =>
  Object.keys(listed).filter((name) => name !== '_meta');

/** A group has hosts and groups. */
function hostsOf(listed: Readonly<Record<string, unknown>>, group: string, seen: Set<string>): ReadonlySet<string> {
  if (seen.has(group)) return new Set();
  seen.add(group);
  const { hosts, children } = objectOf(listed[group]);
  return new Set([
    ...listOf(hosts).map(String),
    ...listOf(children).flatMap((child) => [...hostsOf(listed, String(child), seen)]),
  ]);
}
