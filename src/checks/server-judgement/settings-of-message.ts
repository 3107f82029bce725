import type { Host } from '../../hosts/host.ts';
import type { ConfigurationMessage } from '../../postgres/configuration-refusals.ts';
import { configurationRefusals } from '../../postgres/configuration-refusals.ts';
import { settingDefinition } from '../../postgres/settings.ts';
import { runAsOwner } from './run-as-owner.ts';
import type { Judging } from './run-as-owner.ts';

/**
 * Which settings a refusal is about. A hook may say it in words that do not name its setting ("number of synchronous
 * standbys (0) must be greater than zero"): then each value is put to the server alone, on its command line, which it looks
 * at before it looks for any file; and where none is refused alone, it is those that the words name.
 */
export async function settingsOfMessage(
  host: Host,
  judging: Judging,
  { text, name, isOfFiles }: ConfigurationMessage,
): Promise<readonly string[]> {
  if (name !== undefined) return [name.toLowerCase()];
  if (isOfFiles) return [];
  const { program, owner, configuration } = judging;
  const set = [...configuration.settings.values()];
  const named = set.filter((one) =>
    new RegExp(String.raw`\b${one.name.replaceAll(/\W/gu, String.raw`\$&`)}\b`, 'u').test(text),
  );
  const candidates = [...new Set([...named, ...set])].filter(isPlain).slice(0, mostTried);
  for (const { name: candidate, value } of candidates) {
    const args = ['-C', candidate, '-D', '/nonexistent', '-c', 'log_line_prefix=', '-c', `${candidate}=${value}`];
    const ran = await runAsOwner(host, owner, program, args, judging);
    if (ran.ok && configurationRefusals(ran.value.stderr).some((one) => one.text === text)) return [candidate];
  }
  return named.map((one) => one.name);
}

/** A command line is seen by everybody on the machine: what may hold a secret is not put there, and has no such hook. */
const isPlain = ({ name, value }: { readonly name: string; readonly value: string }): boolean =>
  !namedByType.has(settingDefinition(name, 18)?.type ?? '') && !value.includes('***') && !mayHoldSecret.test(name);
/** With a number, or a word out of a list, goes the name of its setting; of some that are on or off the server does not say it. */
const namedByType: ReadonlySet<string> = new Set(['integer', 'real', 'enum']);
const mayHoldSecret = /conninfo|_command$|passphrase|\./u;

const mostTried = 40;
