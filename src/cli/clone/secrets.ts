import type { BaseBackupSubject } from '../../checks/subject.ts';
import type { GivenConnection } from '../../facts/connection.ts';
import type { Host } from '../../hosts/host.ts';
import { formatConninfo } from '../../postgres/conninfo-format.ts';
import { conninfoOption, isSecretKeyword } from '../../postgres/conninfo-options.ts';
import { parseConninfo } from '../../postgres/conninfo.ts';
import { resolveConnection } from '../../servers/resolve-connection.ts';
import { UsageError } from '../usage-error.ts';

/**
 * The password that pg_basebackup would not find by itself: typed at the prompt, or taken out of `-d`, where everybody
 * on this machine could read it. It goes through the child's own environment. Throws a {@link UsageError} where that
 * way is barred: what stands in a service file wins over the environment, and there is no variable for other secrets.
 */
export async function passwordForCopy(
  { connection, baseBackup }: BaseBackupSubject,
  host: Host,
): Promise<string | undefined> {
  const { plan, parameters } = connection;
  const [other] =
    Object.entries(parameters.sources).find(
      ([keyword, source]) => isOtherSecret(keyword) && source.kind === 'conninfo',
    ) ?? [];
  if (other !== undefined)
    throw new UsageError(
      `-d contains ${other}, which pg_basebackup could get only on its command line, where every user on this machine can read it.`,
      `Put ${other} into a section of the service file (~/.pg_service.conf, mode 0600), and service=NAME into -d.`,
    );
  // where pg_basebackup runs elsewhere, our environment is not its own
  const ours = host.place !== undefined && plan.password.from === 'environment';
  if (plan.password.from !== 'conninfo' && plan.password.from !== 'prompt' && !ours) return undefined;
  const [first] = plan.hosts;
  const password = first === undefined ? undefined : connection.passwordFor(first);
  if (password === undefined) return undefined;
  const without = await resolveConnection(host, withoutSecrets(baseBackup.connection), { replication: true });
  if (without.ok && parameters.values.service !== undefined && without.connection.plan.password.from === 'service file')
    throw new UsageError(
      `The service "${parameters.values.service}" contains a password, which would override the one that was given.`,
      'Remove the password from the service file, or do not give another one.',
    );
  return password.reveal();
}

function isOtherSecret(name: string): boolean {
  const option = conninfoOption(name);
  return option !== undefined && option.keyword !== 'password' && isSecretKeyword(option.keyword);
}

function withoutSecrets(given: GivenConnection): GivenConnection {
  const parsed = given.conninfo === undefined ? undefined : parseConninfo(given.conninfo);
  return parsed?.ok === true
    ? { ...given, conninfo: formatConninfo(parsed.value.values, { secrets: 'left-out' }) }
    : given;
}
