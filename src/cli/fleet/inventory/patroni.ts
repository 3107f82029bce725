import { parsedJson } from './json.ts';
import type { Entry, Inventory } from './inventory.ts';
import { listOf, objectOf, textOf, valuesOf } from './inventory.ts';

/** The members of a cluster that are not its leader: as patronictl lists them, or as the REST API of a member tells. */
export const patroni: Inventory = {
  kind: 'patroni',
  value: 'FILE|URL',
  does: 'replicas by "patronictl -c FILE list", or by http://HOST:8008/cluster',
  each: { pgdata: 'ssh:{host}' },
  read: async (value, ask) =>
    /^https?:\/\//iu.test(value)
      ? ofApi(parsedJson(await ask.page(`${value.replace(/\/(?:cluster)?$/u, '')}/cluster`), value))
      : ofList(
          parsedJson(
            await ask.program('patronictl', ['--config-file', value, 'list', '--format', 'json']),
            'patronictl',
          ),
        ),
};

interface Member {
  readonly name: string;
  readonly role: string;
  readonly host: string | undefined;
  readonly port: string | undefined;
  readonly cluster: string | undefined;
}

function ofApi(answer: unknown): readonly Entry[] {
  const { members, scope } = objectOf(answer);
  return entriesOf(
    listOf(members)
      .map(objectOf)
      .map(({ name, role, host, port }) => ({
        name: textOf(name) ?? '',
        role: textOf(role) ?? '',
        host: textOf(host),
        port: textOf(port),
        cluster: textOf(scope),
      })),
  );
}

/** One column is `127.0.0.1:5433`, and of a default port `db1`. */
const ofList = (rows: unknown): readonly Entry[] =>
  entriesOf(
    listOf(rows)
      .map(objectOf)
      .map((row) => {
        const [, host, port] = /^(.*?)(?::(\d+))?$/su.exec(textOf(row['Host']) ?? '') ?? [];
        return {
          name: textOf(row['Member']) ?? '',
          role: textOf(row['Role']) ?? '',
          host,
          port: port ?? '5432',
          cluster: textOf(row['Cluster']),
        };
      }),
  );

function entriesOf(members: readonly Member[]): readonly Entry[] {
  const isLeader = ({ role }: Member): boolean => /^(?:leader|master|primary)$/iu.test(role);
  return members
    .filter((member) => !isLeader(member))
    .map(({ name, host, port, role, cluster }) => {
      const leader = members.find((one) => isLeader(one) && one.cluster === cluster);
      return {
        name,
        values: valuesOf({ host, port, role, cluster, primaryHost: leader?.host, primaryPort: leader?.port }),
      };
    });
}
